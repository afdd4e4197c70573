"""What Tacet wrote, in other programs' hands: the starter model in safetensors, diffusers and transformers."""
import glob
import os

import torch
from diffusers import StableDiffusionPipeline
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import picture
import references
import tacet


def read_with_safetensors(model):
    files = sorted(glob.glob(f"{model}/**/*.safetensors", recursive=True))
    for path in files:
        with safe_open(path, "pt") as file:
            for name in file.keys():
                assert torch.isfinite(file.get_tensor(name)).all(), (path, name)
    print(f"safetensors reads {len(files)} files")


def load(model, part):
    """Nothing missing, nothing left over."""
    cls = references.CLASSES[{"unet": "unet", "vae": "vae", "text_encoder": "text_encoder"}.get(part, "controlnet")]
    network, info = cls.from_pretrained(f"{model}/{part}", output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"], (part, info)
    return network.eval().requires_grad_(False).float()


def inputs(part, config, text):
    g = torch.Generator().manual_seed(1)
    randn = lambda *shape: torch.randn(shape, generator=g)
    if part == "text_encoder":
        return {"text-encoder": {"input_ids": torch.randint(0, text.vocab_size, (1, text.max_position_embeddings), generator=g)}}
    if part == "vae":
        return {"vae-encoder": {"sample": randn(1, 3, 64, 64)}, "vae-decoder": {"latent": randn(1, config.latent_channels, 16, 16)}}
    common = {"sample": randn(1, config.in_channels, 16, 16), "timestep": torch.tensor([481]),
              "encoder_hidden_states": randn(1, text.max_position_embeddings, config.cross_attention_dim)}
    if part == "unet":
        return {"unet": common}
    factor = 2 ** (len(config.conditioning_embedding_out_channels) - 1)
    return {"controlnet": {**common, "controlnet_cond": torch.rand(1, config.conditioning_channels, 16 * factor,
                                                                   16 * factor, generator=g)}}


def compare(program, model, folder):
    """Yields module, relative L2 of the worst output."""
    text = load(model, "text_encoder").config
    for part in ("text_encoder", "unet", "vae", "edge", "depth", "pose"):
        network = load(model, part)
        for module, x in inputs(part, network.config, text).items():
            save_file(x, f"{folder}/in.safetensors")
            path = f"{model}/{part}" if module == "controlnet" else model
            tacet.run_module(program, module, path, f"{folder}/in.safetensors", f"{folder}/out.safetensors")
            got = load_file(f"{folder}/out.safetensors")
            want = references.run(network, module, x, torch.float64)
            yield f"{module} {part}", max(references.relative(got[k], v) for k, v in want.items())


def pictures(program, model, folder):
    """One scene with two controls in both programs: largest difference in levels, share that differs."""
    pipeline = StableDiffusionPipeline.from_pretrained(model)
    side = 64
    maps = picture.control_maps(folder, side)
    picture.write_scene(folder, model, [f"{model}/edge", f"{model}/pose"], side, 5, 3.0)
    networks = {"unet": pipeline.unet, "vae": pipeline.vae, "text_encoder": pipeline.text_encoder}
    nets = [load(model, "edge"), load(model, "pose")]
    maps[0] = maps[0][:, :nets[0].config.conditioning_channels]
    expected = picture.theirs(networks, nets, pipeline.tokenizer, pipeline.scheduler.config, maps, side, 5, 3.0)
    got, _, _ = picture.ours(program, folder)
    return picture.difference(got, expected)
