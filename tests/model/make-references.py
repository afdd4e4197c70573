#!/usr/bin/env python3
"""Small random networks of diffusers and transformers, with inputs, outputs and gradients.

    make-references.py references          writes one folder per case (the committed ones)
    make-references.py --check FOLDER      compares networks that Tacet made, saved and ran (test-saved,
                                           with TACET_KEEP=FOLDER) with what diffusers makes of them

A case is a model folder as its library writes it, and for each module the files MODULE-in.safetensors
and MODULE-out.safetensors in the form of `tacet run-module MODULE --gradients`.  Weights are rounded
to the type in which they are stored; everything else is computed in float64 and stored as float32.
Needs torch, diffusers, transformers.
"""
import json, os, sys
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, ControlNetModel, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel

CROSS, DOWN, UP = "CrossAttnDownBlock2D", "DownBlock2D", "UpBlock2D"
CROSS_UP = "CrossAttnUpBlock2D"
MODELS = {"unet": UNet2DConditionModel, "controlnet": ControlNetModel, "vae": AutoencoderKL}

UNETS = {
    # One level, odd channels, odd sizes, attention in the middle only.
    "unet-1": dict(config=dict(down_block_types=[DOWN], up_block_types=[UP], block_out_channels=[9], layers_per_block=1,
                               norm_num_groups=3, cross_attention_dim=5, attention_head_dim=3, in_channels=3,
                               out_channels=2, sample_size=7),
                   size=(2, 3, 5, 7), tokens=4, timestep=[999.0, 3.0], dtype=torch.float32),
    # Two levels, two layers, heads by level, linear projection, the other time embedding, odd sizes.
    "unet-2": dict(config=dict(down_block_types=[CROSS, DOWN], up_block_types=[UP, CROSS_UP], block_out_channels=[4, 6],
                               layers_per_block=2, norm_num_groups=2, cross_attention_dim=7, attention_head_dim=[2, 3],
                               use_linear_projection=True, flip_sin_to_cos=False, freq_shift=1, norm_eps=1e-4,
                               sample_size=8),
                   size=(1, 4, 7, 10), tokens=3, timestep=500, dtype=torch.float16),
    # Three levels like the starter model, with a ControlNet's residuals.
    "unet-3": dict(config=dict(down_block_types=[DOWN, CROSS, CROSS], up_block_types=[CROSS_UP, CROSS_UP, UP],
                               block_out_channels=[6, 6, 9], layers_per_block=1, norm_num_groups=3,
                               cross_attention_dim=4, attention_head_dim=3, sample_size=8),
                   size=(2, 4, 8, 12), tokens=6, timestep=[7.0], dtype=torch.bfloat16, residuals=True),
}
CONTROLNETS = {
    "controlnet-1": dict(config=dict(down_block_types=[CROSS], block_out_channels=[8], layers_per_block=1,
                                     norm_num_groups=4, cross_attention_dim=5, attention_head_dim=2,
                                     conditioning_embedding_out_channels=[3, 4, 5]),
                         size=(2, 4, 3, 4), tokens=4, timestep=[20.0, 981.0], dtype=torch.float16),
    "controlnet-2": dict(config=dict(down_block_types=[DOWN, CROSS], block_out_channels=[4, 6], layers_per_block=1,
                                     norm_num_groups=2, cross_attention_dim=3, attention_head_dim=[1, 3],
                                     conditioning_embedding_out_channels=[5, 4], conditioning_channels=1),
                         size=(1, 4, 6, 4), tokens=2, timestep=250.5, dtype=torch.float32),
}
VAES = {
    "vae-1": dict(config=dict(down_block_types=["DownEncoderBlock2D"], up_block_types=["UpDecoderBlock2D"],
                              block_out_channels=[9], layers_per_block=1, norm_num_groups=3, latent_channels=3),
                  picture=(2, 3, 5, 3), latent=(1, 3, 4, 3), dtype=torch.float32),
    "vae-2": dict(config=dict(down_block_types=["DownEncoderBlock2D"] * 2, up_block_types=["UpDecoderBlock2D"] * 2,
                              block_out_channels=[4, 6], layers_per_block=2, norm_num_groups=2, scaling_factor=0.5),
                  picture=(1, 3, 8, 6), latent=(1, 4, 3, 2), dtype=torch.float16, old_names=True),
    "vae-3": dict(config=dict(down_block_types=["DownEncoderBlock2D"] * 3, up_block_types=["UpDecoderBlock2D"] * 3,
                              block_out_channels=[4, 4, 8], layers_per_block=1, norm_num_groups=4, latent_channels=2,
                              mid_block_add_attention=False),
                  picture=(1, 3, 12, 20), latent=(1, 2, 2, 3), dtype=torch.bfloat16),
}
TEXTS = {
    "text-1": dict(config=dict(vocab_size=40, hidden_size=12, intermediate_size=20, num_hidden_layers=2,
                               num_attention_heads=3, max_position_embeddings=9, eos_token_id=39, bos_token_id=38),
                   size=(2, 7), dtype=torch.float32),
    # Names and configuration as transformers 4 writes them.
    "text-2": dict(config=dict(vocab_size=30, hidden_size=10, intermediate_size=24, num_hidden_layers=1,
                               num_attention_heads=2, max_position_embeddings=6, eos_token_id=2, hidden_act="gelu",
                               layer_norm_eps=1e-4),
                   size=(2, 6), dtype=torch.float16, prefix="text_model."),
}
TAESDS = {
    "taesd-1": dict(config=dict(encoder_block_out_channels=[5] * 3, decoder_block_out_channels=[5] * 3,
                                num_encoder_blocks=[1, 2, 1], num_decoder_blocks=[2, 1, 1], latent_channels=3),
                    picture=(2, 3, 8, 12), latent=(1, 3, 3, 2), dtype=torch.float32),
    # One level, more blocks.
    "taesd-2": dict(config=dict(encoder_block_out_channels=[6], decoder_block_out_channels=[6], num_encoder_blocks=[3],
                                num_decoder_blocks=[2]),
                    picture=(1, 3, 3, 5), latent=(2, 4, 4, 3), dtype=torch.float16),
}


def randomise(model, seed, dtype):
    """Weights that leave no gradient tiny, rounded to the stored type."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            noise = torch.randn(p.shape, generator=g, dtype=torch.float64)
            if p.dim() > 1:
                noise /= max(1, p[0].numel()) ** 0.5
            elif name.endswith("weight"):
                noise = 1 + 0.2 * noise
            else:
                noise *= 0.2
            p.copy_(noise.to(dtype))
    return model.double().eval()


def write_config(model, folder):
    config = model.config.to_dict() if hasattr(model.config, "to_dict") else dict(model.config)
    config.setdefault("_class_name", type(model).__name__) if "model_type" not in config else None
    if not hasattr(model.config, "to_dict"):
        model.save_config(folder)
        return
    with open(f"{folder}/config.json", "w") as file:
        json.dump(config, file, indent=2, sort_keys=True)
        file.write("\n")


def store(tensors, path):
    save_file({k: v.detach().to(torch.float32 if v.is_floating_point() else v.dtype).contiguous()
               for k, v in tensors.items()}, path)


class IllConditioned(Exception):
    """float32 is too coarse for this network to tell right from wrong by five digits."""


def differentiate(model, inputs, run, seed, dtype, rename):
    """Outputs, gradients for random cotangents, the cotangents."""
    g = torch.Generator().manual_seed(seed)
    model.to(dtype).zero_grad()
    leaves = {k: v.detach().clone().to(dtype).requires_grad_() if v.is_floating_point() else v for k, v in inputs.items()}
    outputs = run(leaves)
    cotangents = {f"grad.{k}": torch.randn(v.shape, generator=g) for k, v in outputs.items()}
    torch.autograd.backward(list(outputs.values()), [cotangents[f"grad.{k}"].to(dtype) for k in outputs])
    result = dict(outputs)
    for k, v in leaves.items():
        if v.is_floating_point():
            result[f"grad.{k}"] = v.grad if v.grad is not None else torch.zeros_like(v)
    for k, p in model.named_parameters():
        if p.grad is not None:
            name, grad = rename(k, p.grad)
            result[f"grad.weights.{name}"] = grad.clone()
    return result, cotangents


def record(folder, module, model, inputs, run, seed, rename=lambda n, t: (n, t)):
    """Runs, differentiates, writes both files."""
    coarse, _ = differentiate(model, inputs, run, seed, torch.float32, rename)
    result, cotangents = differentiate(model, inputs, run, seed, torch.float64, rename)
    total = sum(float(v.norm()) ** 2 for k, v in result.items() if k.startswith("grad.")) ** 0.5
    for k, v in result.items():
        if float((coarse[k].double() - v).norm()) > 1e-5 * float(v.norm()) + 1e-7 * total:
            raise IllConditioned
    store({**inputs, **cotangents}, f"{folder}/{module}-in.safetensors")
    store(result, f"{folder}/{module}-out.safetensors")


def save_weights(model, folder, name, dtype, rename=lambda n, t: (n, t)):
    state = dict(rename(k, v.to(dtype).contiguous()) for k, v in model.state_dict().items())
    save_file(state, f"{folder}/{name}.safetensors", metadata={"format": "pt"})


def randn(g, *shape):
    return torch.randn(shape, generator=g)


def common_inputs(case, g):
    b = case["size"][0]
    cross = case["config"]["cross_attention_dim"]
    return {"sample": randn(g, *case["size"]), "timestep": torch.tensor(case["timestep"]),
            "encoder_hidden_states": randn(g, b, case["tokens"], cross)}


def make_unet(folder, case, seed):
    model = randomise(UNet2DConditionModel(**case["config"]), seed, case["dtype"])
    g = torch.Generator().manual_seed(seed + 1)
    inputs = common_inputs(case, g)
    n = 0
    if case.get("residuals"):
        shapes = feature_shapes(case["config"], case["size"])
        n = len(shapes) - 1
        for i, s in enumerate(shapes):
            inputs["mid_residual" if i == n else f"down_residual.{i}"] = randn(g, *s)

    def run(x):
        extra = {}
        if n:
            extra = dict(down_block_additional_residuals=[x[f"down_residual.{i}"] for i in range(n)],
                         mid_block_additional_residual=x["mid_residual"])
        return {"sample": model(x["sample"], x["timestep"], x["encoder_hidden_states"], **extra).sample}

    model.save_config(folder)
    save_weights(model, folder, "diffusion_pytorch_model", case["dtype"])
    record(folder, "unet", model, inputs, run, seed + 2)


def feature_shapes(config, size):
    b, _, h, w = size
    widths, shapes = config["block_out_channels"], []
    shapes.append((b, widths[0], h, w))
    for i, c in enumerate(widths):
        shapes += [(b, c, h, w)] * config["layers_per_block"]
        if i + 1 < len(widths):
            h, w = (h + 1) // 2, (w + 1) // 2
            shapes.append((b, c, h, w))
    return shapes + [(b, widths[-1], h, w)]


def make_controlnet(folder, case, seed):
    model = randomise(ControlNetModel(**case["config"]), seed, case["dtype"])
    g = torch.Generator().manual_seed(seed + 1)
    inputs = common_inputs(case, g)
    b, _, h, w = case["size"]
    f = 2 ** (len(case["config"]["conditioning_embedding_out_channels"]) - 1)
    inputs["controlnet_cond"] = torch.rand(b, case["config"].get("conditioning_channels", 3), f * h, f * w, generator=g)

    def run(x):
        out = model(x["sample"], x["timestep"], x["encoder_hidden_states"], x["controlnet_cond"])
        return {**{f"down_residual.{i}": r for i, r in enumerate(out.down_block_res_samples)},
                "mid_residual": out.mid_block_res_sample}

    model.save_config(folder)
    save_weights(model, folder, "diffusion_pytorch_model", case["dtype"])
    record(folder, "controlnet", model, inputs, run, seed + 2)


OLD = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}


def old_name(name, tensor):
    """The attention of a VAE as older diffusers named and LDM shaped it."""
    for now, former in OLD.items():
        if now in name:
            return name.replace(now, former), tensor[..., None, None] if tensor.dim() == 2 else tensor
    return name, tensor


def make_vae(folder, case, seed):
    model = randomise(AutoencoderKL(**case["config"]), seed, case["dtype"])
    with torch.no_grad():
        # Two log variances beyond their bounds, where the gradient is zero.
        model.quant_conv.bias[-1] = 40
        model.quant_conv.bias[-2] = -50
    g = torch.Generator().manual_seed(seed + 1)
    rename = old_name if case.get("old_names") else lambda n, t: (n, t)
    model.save_config(folder)
    save_weights(model, folder, "diffusion_pytorch_model", case["dtype"], rename)

    def encode(x):
        d = model.encode(x["sample"]).latent_dist
        return {"mean": d.mean, "logvar": d.logvar}

    record(folder, "vae-encoder", model, {"sample": torch.rand(case["picture"], generator=g) * 2 - 1}, encode, seed + 2,
           rename)
    for p in model.parameters():
        p.grad = None
    record(folder, "vae-decoder", model, {"latent": randn(g, *case["latent"])},
           lambda x: {"sample": model.decode(x["latent"]).sample}, seed + 3, rename)


def make_taesd(folder, case, seed):
    """Pictures here are in [0,1], as the networks have them inside."""
    model = randomise(AutoencoderTiny(**case["config"]), seed, case["dtype"])
    g = torch.Generator().manual_seed(seed + 1)
    model.save_config(folder)
    save_weights(model, folder, "diffusion_pytorch_model", case["dtype"])
    record(folder, "taesd-encoder", model, {"sample": torch.rand(case["picture"], generator=g)},
           lambda x: {"latent": model.encode(x["sample"] * 2 - 1).latents}, seed + 2)
    for p in model.parameters():
        p.grad = None
    record(folder, "taesd-decoder", model, {"latent": 3 * randn(g, *case["latent"])},
           lambda x: {"sample": (model.decode(x["latent"]).sample + 1) / 2}, seed + 3)


def make_text(folder, case, seed):
    model = randomise(CLIPTextModel(CLIPTextConfig(**case["config"])), seed, case["dtype"])
    g = torch.Generator().manual_seed(seed + 1)
    ids = torch.randint(3, case["config"]["vocab_size"] - 2, case["size"], generator=g)
    if case["config"]["eos_token_id"] != 2:
        ids[0, 4:] = case["config"]["eos_token_id"]
    prefix = case.get("prefix", "")
    rename = lambda n, t: (prefix + n, t)

    def run(x):
        out = model(x["input_ids"])
        return {"last_hidden_state": out.last_hidden_state, "pooler_output": out.pooler_output}

    write_config(model, folder)
    save_weights(model, folder, "model", case["dtype"], rename)
    record(folder, "text-encoder", model, {"input_ids": ids}, run, seed + 2, rename)


def make(root):
    torch.set_num_threads(1)
    seed = 1
    for cases, build in ((UNETS, make_unet), (CONTROLNETS, make_controlnet), (VAES, make_vae), (TEXTS, make_text),
                         (TAESDS, make_taesd)):
        for name, case in cases.items():
            folder = os.path.join(root, name)
            os.makedirs(folder, exist_ok=True)
            while True:
                seed += 10
                try:
                    build(folder, case, seed)
                    break
                except IllConditioned:
                    print(name, "seed", seed, "is ill-conditioned")
            print(name, sum(os.path.getsize(f"{folder}/{f}") for f in os.listdir(folder)), "bytes")


def report(name, ours, theirs):
    error = float((ours.double() - theirs.double()).norm() / theirs.double().norm())
    print(f"{name}: relative error {error:.2e}")
    return error < 1e-5


def check(root):
    """Networks that Tacet saved: ROOT/{unet,controlnet,vae,text_encoder} with MODULE-{in,out}.safetensors."""
    good = True
    with torch.no_grad():
        for part, cls in MODELS.items():
            model = cls.from_pretrained(f"{root}/{part}")
            for module in {"vae": ["vae-encoder", "vae-decoder"]}.get(part, [part]):
                x = load_file(f"{root}/{part}/{module}-in.safetensors")
                y = load_file(f"{root}/{part}/{module}-out.safetensors")
                if module == "unet":
                    got = {"sample": model(x["sample"], x["timestep"], x["encoder_hidden_states"]).sample}
                elif module == "controlnet":
                    out = model(x["sample"], x["timestep"], x["encoder_hidden_states"], x["controlnet_cond"])
                    got = {f"down_residual.{i}": r for i, r in enumerate(out.down_block_res_samples)}
                    got["mid_residual"] = out.mid_block_res_sample
                elif module == "vae-encoder":
                    d = model.encode(x["sample"]).latent_dist
                    got = {"mean": d.mean, "logvar": d.logvar}
                else:
                    got = {"sample": model.decode(x["latent"]).sample}
                for k, v in got.items():
                    good &= report(f"{module} {k}", y[k], v)
        model, info = CLIPTextModel.from_pretrained(f"{root}/text_encoder", output_loading_info=True)
        good &= not info["missing_keys"]
        x = load_file(f"{root}/text_encoder/text-encoder-in.safetensors")
        y = load_file(f"{root}/text_encoder/text-encoder-out.safetensors")
        out = model(x["input_ids"])
        good &= report("text-encoder", y["last_hidden_state"], out.last_hidden_state)
        good &= report("text-encoder pooled", y["pooler_output"], out.pooler_output)
    sys.exit(0 if good else 1)


if sys.argv[1] == "--check":
    check(sys.argv[2])
make(sys.argv[1])
