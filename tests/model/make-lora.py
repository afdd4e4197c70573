#!/usr/bin/env python3
"""LoRA files in several namings, and what diffusers makes of a small model's weights with them.

    make-lora.py references/lora

Writes a model of diffusers' form (its U-Net, VAE and text encoder), LoRA files, and for each the weights that
load_lora_weights and fuse_lora at 0.7 change, after fusing.  Needs torch, diffusers, transformers, peft.
"""
import os, sys
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

root = sys.argv[1]
torch.set_num_threads(1)
torch.manual_seed(5)


def parts():
    g = torch.Generator().manual_seed(1)
    unet = UNet2DConditionModel(down_block_types=["CrossAttnDownBlock2D", "DownBlock2D"],
                                up_block_types=["UpBlock2D", "CrossAttnUpBlock2D"], block_out_channels=[8, 16],
                                layers_per_block=2, norm_num_groups=4, cross_attention_dim=12, attention_head_dim=2,
                                sample_size=8)
    text = CLIPTextModel(CLIPTextConfig(vocab_size=50, hidden_size=12, intermediate_size=16, num_hidden_layers=2,
                                        num_attention_heads=2, max_position_embeddings=9, bos_token_id=48,
                                        eos_token_id=49))
    vae = AutoencoderKL(block_out_channels=[4], layers_per_block=1, norm_num_groups=2)
    for m in (unet, text, vae):
        with torch.no_grad():
            for _, p in sorted(m.named_parameters()):
                p.copy_((torch.randn(p.shape, generator=g) * 0.3).half().float())
    return unet, text, vae


def adapter(name, module, g, rank):
    w = module.weight
    if w.dim() == 4:
        up, down = (w.shape[0], rank, 1, 1), (rank, w.shape[1], *w.shape[2:])
    else:
        up, down = (w.shape[0], rank), (rank, w.shape[1])
    return torch.randn(up, generator=g) * 0.3, torch.randn(down, generator=g) * 0.3


def linear_names(model, convs):
    return [n for n, m in model.named_modules() if isinstance(m, torch.nn.Linear) and "attn" in n
            or n.endswith(("proj_in", "proj_out")) or convs and n.endswith((".conv1", ".conv2", "downsamplers.0.conv"))]


def text_name(n):
    return n if n.startswith("text_model.") else "text_model." + n


def lora_file(form, unet, text):
    g = torch.Generator().manual_seed(7)
    out = {}
    for model, kind in ((unet, "unet"), (text, "text")):
        modules = dict(model.named_modules())
        for i, n in enumerate(linear_names(model, form == "kohya" and kind == "unet")):
            up, down = adapter(n, modules[n], g, 2 + i % 2)
            full = text_name(n) if kind == "text" else n
            if form == "kohya":
                key = ("lora_unet_" if kind == "unet" else "lora_te_") + full.replace(".", "_")
                out[f"{key}.lora_up.weight"], out[f"{key}.lora_down.weight"] = up, down
                # One for all: this diffusers loses alphas that differ between modules of attention on the way, and
                # says so ("alpha_pattern keys did not match").
                out[f"{key}.alpha"] = torch.tensor(1.5)
            elif form == "peft":
                key = ("unet." if kind == "unet" else "text_encoder.") + full
                out[f"{key}.lora_B.weight"], out[f"{key}.lora_A.weight"] = up, down
            elif kind == "unet" and ".to_" in n:
                head, tail = n.rsplit(".to_", 1)
                key = f"unet.{head}.processor.to_{tail.removesuffix('.0')}_lora"
                out[f"{key}.up.weight"], out[f"{key}.down.weight"] = up, down
    return {k: v.contiguous() for k, v in out.items()}


def make(form):
    unet, text, vae = parts()
    before = {("unet", k): v.clone() for k, v in unet.state_dict().items()}
    before.update({("text", k): v.clone() for k, v in text.state_dict().items()})
    file = lora_file(form, unet, text)
    save_file(file, f"{root}/{form}.safetensors")
    pipe = StableDiffusionPipeline(vae, text, None, unet, DDIMScheduler(), None, None, requires_safety_checker=False)
    pipe.load_lora_weights(f"{root}/{form}.safetensors")
    pipe.fuse_lora(lora_scale=0.7)
    pipe.unload_lora_weights()
    changed = {}
    for kind, model in (("unet", pipe.unet), ("text", pipe.text_encoder)):
        for k, v in model.state_dict().items():
            k = k.replace(".base_layer", "")
            if (kind, k) in before and not torch.equal(before[kind, k], v):
                changed[f"{kind}.{text_name(k) if kind == 'text' else k}"] = v.contiguous()
    save_file(changed, f"{root}/{form}-fused.safetensors")
    print(form, len(file), "tensors change", len(changed))


os.makedirs(root, exist_ok=True)
unet, text, vae = parts()
for part, folder in ((unet, "unet"), (vae, "vae")):
    part.half().save_pretrained(f"{root}/model/{folder}")
text.half().save_pretrained(f"{root}/model/text_encoder")
for form in ("kohya", "peft", "processor"):
    make(form)
