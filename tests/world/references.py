"""What torch, diffusers and transformers make of the models of parts.py: in float64, and in float32 to compare.

Weights stay in memory as they lie in the file and are widened layer by layer, so the full U-Net needs no 7 GB.
"""
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, ControlNetModel, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

import parts
import tensors

CLASSES = {"unet": UNet2DConditionModel, "controlnet": ControlNetModel, "vae": AutoencoderKL,
           "text_encoder": CLIPTextModel, "taesd": AutoencoderTiny}
TYPES = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32, "F64": torch.float64, "I64": torch.int64}


def to_torch(tensor):
    return torch.frombuffer(bytearray(tensor.data), dtype=TYPES[tensor.dtype]).reshape(tensor.shape)


def state_dict(weights):
    return {name: to_torch(t) for name, t in weights.items()}


def plain_config(part):
    return {k: v for k, v in part.config.items() if not k.startswith("_")}


def load(part, dtype=None):
    """The network with its f16 weights.  Fails unless names and shapes are just those of the library."""
    if part.part == "text_encoder":
        model = CLIPTextModel(CLIPTextConfig(**part.config))
    else:
        with torch.device("meta"):
            model = CLASSES[part.part].from_config(plain_config(part))
    state = state_dict(part.weights())
    theirs = {k.removeprefix("text_model."): k for k in model.state_dict()}
    model.load_state_dict({theirs[k]: v for k, v in state.items()}, strict=True, assign=True)
    return model.eval().requires_grad_(False)


def strips(module, forward, x):
    """A convolution of a large picture by rows: float64 has no better one than by im2col, which would fill the memory."""
    rows = 32
    if module.stride != (1, 1) or module.kernel_size != (3, 3) or module.padding != (1, 1) or x.shape[2] <= 2 * rows:
        return forward(x)
    x = torch.nn.functional.pad(x, (1, 1, 1, 1))
    return torch.cat([torch.nn.functional.conv2d(x[:, :, i:i + rows + 2], module.weight, module.bias)
                      for i in range(0, x.shape[2] - 2, rows)], dim=2)


def widen(model, dtype):
    """Every layer has its weights in dtype while it runs.  Returns what undoes it."""
    hooks = []

    def before(module, _):
        module.narrow = {n: p.data for n, p in module.named_parameters(recurse=False)}
        for p in module.parameters(recurse=False):
            p.data = p.data.to(dtype)

    def after(module, *_):
        for n, p in module.named_parameters(recurse=False):
            p.data = module.narrow[n]
        del module.narrow

    for module in model.modules():
        if next(module.parameters(recurse=False), None) is None:
            continue
        hooks += [module.register_forward_pre_hook(before), module.register_forward_hook(after)]
        if isinstance(module, torch.nn.Conv2d) and dtype == torch.float64:
            module.forward = lambda x, m=module, forward=module.forward: strips(m, forward, x)
    return hooks


def evaluate(model, module, x):
    if module == "text-encoder":
        out = model(x["input_ids"])
        return {"last_hidden_state": out.last_hidden_state, "pooler_output": out.pooler_output}
    if module == "vae-encoder":
        moments = model.encode(x["sample"]).latent_dist
        return {"mean": moments.mean, "logvar": moments.logvar}
    if module == "vae-decoder":
        return {"sample": model.decode(x["latent"]).sample}
    if module == "taesd-encoder":
        return {"latent": model.encode(2 * x["sample"] - 1).latents}
    if module == "taesd-decoder":
        return {"sample": (model.decode(x["latent"]).sample + 1) / 2}
    common = (x["sample"], x["timestep"], x["encoder_hidden_states"])
    if module == "controlnet":
        out = model(*common, x["controlnet_cond"])
        result = {f"down_residual.{i}": r for i, r in enumerate(out.down_block_res_samples)}
        return {**result, "mid_residual": out.mid_block_res_sample}
    extra = {}
    if "mid_residual" in x:
        n = sum(name.startswith("down_residual.") for name in x)
        extra = {"down_block_additional_residuals": [x[f"down_residual.{i}"] for i in range(n)],
                 "mid_block_additional_residual": x["mid_residual"]}
    return {"sample": model(*common, **extra).sample}


def run(model, module, inputs, dtype):
    hooks = widen(model, dtype)
    with torch.no_grad():
        result = evaluate(model, module, {k: v.to(dtype) if v.is_floating_point() else v for k, v in inputs.items()})
    for hook in hooks:
        hook.remove()
    for layer in model.modules():
        layer.__dict__.pop("forward", None)
    return {name: value.double() for name, value in result.items()}


def relative(ours, theirs):
    """Relative L2."""
    return float((ours.double() - theirs).norm() / theirs.norm())


def make(model, side):
    """Yields module, inputs, outputs in float64, and how far float32 is from them, one module after the other."""
    residuals = {}
    for part in ("text_encoder", "controlnet", "unet", "vae", "taesd"):
        network = load(model[part])
        for module in parts.MODULES[part]:
            inputs = {k: to_torch(v) for k, v in parts.inputs(model, module, side).items()}
            if module == "unet-controlled":
                inputs.update(residuals)
            exact = run(network, module, inputs, torch.float64)
            coarse = run(network, module, inputs, torch.float32)
            if module == "controlnet":
                residuals = {k: v.float() for k, v in exact.items()}
            yield module, inputs, exact, max(relative(coarse[k], v) for k, v in exact.items())
