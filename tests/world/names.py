"""The tensors of a Stable Diffusion 1 class model: original name, name in diffusers, shape.

Standard library only.  Each function yields (original, diffusers, shape in diffusers) for one network, without
prefix; make-world.py proves names and shapes against the networks of diffusers and transformers themselves, and the
original names by letting diffusers load the files made with them.
"""
from collections import namedtuple

Entry = namedtuple("Entry", "original diffusers shape")

# What stands before the names of a network in an original single file.
PREFIX = {"unet": "model.diffusion_model.", "vae": "first_stage_model.",
          "text_encoder": "cond_stage_model.transformer.text_model.", "controlnet": "control_model.", "taesd": ""}


def layer(original, diffusers, *shape, bias=True):
    yield Entry(f"{original}.weight", f"{diffusers}.weight", tuple(shape))
    if bias:
        yield Entry(f"{original}.bias", f"{diffusers}.bias", tuple(shape[:1]))


def resnet(original, diffusers, ci, co, time):
    names = ("in_layers.0", "in_layers.2", "out_layers.0", "out_layers.3", "skip_connection") if time else \
            ("norm1", "conv1", "norm2", "conv2", "nin_shortcut")
    yield from layer(f"{original}.{names[0]}", f"{diffusers}.norm1", ci)
    yield from layer(f"{original}.{names[1]}", f"{diffusers}.conv1", co, ci, 3, 3)
    if time:
        yield from layer(f"{original}.emb_layers.1", f"{diffusers}.time_emb_proj", co, time)
    yield from layer(f"{original}.{names[2]}", f"{diffusers}.norm2", co)
    yield from layer(f"{original}.{names[3]}", f"{diffusers}.conv2", co, co, 3, 3)
    if ci != co:
        yield from layer(f"{original}.{names[4]}", f"{diffusers}.conv_shortcut", co, ci, 1, 1)


def transformer(original, diffusers, c, cross):
    yield from layer(f"{original}.norm", f"{diffusers}.norm", c)
    yield from layer(f"{original}.proj_in", f"{diffusers}.proj_in", c, c, 1, 1)
    a, b = f"{original}.transformer_blocks.0", f"{diffusers}.transformer_blocks.0"
    for attention, width in (("attn1", c), ("attn2", cross)):
        for name, n in (("to_q", c), ("to_k", width), ("to_v", width)):
            yield from layer(f"{a}.{attention}.{name}", f"{b}.{attention}.{name}", c, n, bias=False)
        yield from layer(f"{a}.{attention}.to_out.0", f"{b}.{attention}.to_out.0", c, c)
    for name, shape in (("ff.net.0.proj", (8 * c, c)), ("ff.net.2", (c, 4 * c)), ("norm1", (c,)), ("norm2", (c,)),
                        ("norm3", (c,))):
        yield from layer(f"{a}.{name}", f"{b}.{name}", *shape)
    yield from layer(f"{original}.proj_out", f"{diffusers}.proj_out", c, c, 1, 1)


def encoder(widths, layers, cross, channels):
    """What U-Net and ControlNet share: time embedding, encoder, middle."""
    time = 4 * widths[0]
    yield from layer("time_embed.0", "time_embedding.linear_1", time, widths[0])
    yield from layer("time_embed.2", "time_embedding.linear_2", time, time)
    yield from layer("input_blocks.0.0", "conv_in", widths[0], channels, 3, 3)
    i, before = 1, widths[0]
    for level, c in enumerate(widths):
        for j in range(layers):
            block = f"down_blocks.{level}"
            yield from resnet(f"input_blocks.{i}.0", f"{block}.resnets.{j}", before, c, time)
            if level + 1 < len(widths):
                yield from transformer(f"input_blocks.{i}.1", f"{block}.attentions.{j}", c, cross)
            i, before = i + 1, c
        if level + 1 < len(widths):
            yield from layer(f"input_blocks.{i}.0.op", f"{block}.downsamplers.0.conv", c, c, 3, 3)
            i += 1
    yield from resnet("middle_block.0", "mid_block.resnets.0", before, before, time)
    yield from transformer("middle_block.1", "mid_block.attentions.0", before, cross)
    yield from resnet("middle_block.2", "mid_block.resnets.1", before, before, time)


def feature_widths(widths, layers):
    """Channels of the encoder's features in order, without the middle's."""
    result = [widths[0]]
    for level, c in enumerate(widths):
        result += [c] * (layers + (level + 1 < len(widths)))
    return result


def unet(widths, layers, cross, channels=4):
    time, before, i = 4 * widths[0], widths[-1], 0
    yield from encoder(widths, layers, cross, channels)
    skips = feature_widths(widths, layers)
    for up, c in enumerate(reversed(widths)):
        for j in range(layers + 1):
            block = f"up_blocks.{up}"
            yield from resnet(f"output_blocks.{i}.0", f"{block}.resnets.{j}", before + skips.pop(), c, time)
            if up > 0:
                yield from transformer(f"output_blocks.{i}.1", f"{block}.attentions.{j}", c, cross)
            if j == layers and up + 1 < len(widths):
                yield from layer(f"output_blocks.{i}.{2 if up > 0 else 1}.conv", f"{block}.upsamplers.0.conv", c, c, 3, 3)
            i, before = i + 1, c
    yield from layer("out.0", "conv_norm_out", before)
    yield from layer("out.2", "conv_out", 4, before, 3, 3)


def controlnet(widths, layers, cross, hint=(16, 32, 96, 256)):
    yield from encoder(widths, layers, cross, 4)
    shapes = [(hint[0], 3)]
    for a, b in zip(hint, hint[1:]):
        shapes += [(a, a), (b, a)]
    for k, (co, ci) in enumerate(shapes + [(widths[0], hint[-1])]):
        name = "conv_in" if k == 0 else "conv_out" if k == len(shapes) else f"blocks.{k - 1}"
        yield from layer(f"input_hint_block.{2 * k}", f"controlnet_cond_embedding.{name}", co, ci, 3, 3)
    for i, c in enumerate(feature_widths(widths, layers)):
        yield from layer(f"zero_convs.{i}.0", f"controlnet_down_blocks.{i}", c, c, 1, 1)
    yield from layer("middle_block_out.0", "controlnet_mid_block", widths[-1], widths[-1], 1, 1)


def vae_attention(original, diffusers, c):
    yield from layer(f"{original}.norm", f"{diffusers}.group_norm", c)
    for a, b in (("q", "to_q"), ("k", "to_k"), ("v", "to_v"), ("proj_out", "to_out.0")):
        yield from layer(f"{original}.{a}", f"{diffusers}.{b}", c, c)


def vae_middle(part, c):
    yield from resnet(f"{part}.mid.block_1", f"{part}.mid_block.resnets.0", c, c, 0)
    yield from vae_attention(f"{part}.mid.attn_1", f"{part}.mid_block.attentions.0", c)
    yield from resnet(f"{part}.mid.block_2", f"{part}.mid_block.resnets.1", c, c, 0)


def vae(widths, layers):
    """layers: of the encoder's levels; the decoder's have one more."""
    n, before = len(widths), widths[0]
    yield from layer("encoder.conv_in", "encoder.conv_in", before, 3, 3, 3)
    for level, c in enumerate(widths):
        a, b = f"encoder.down.{level}", f"encoder.down_blocks.{level}"
        for j in range(layers):
            yield from resnet(f"{a}.block.{j}", f"{b}.resnets.{j}", before, c, 0)
            before = c
        if level + 1 < n:
            yield from layer(f"{a}.downsample.conv", f"{b}.downsamplers.0.conv", c, c, 3, 3)
    yield from vae_middle("encoder", before)
    yield from layer("encoder.norm_out", "encoder.conv_norm_out", before)
    yield from layer("encoder.conv_out", "encoder.conv_out", 8, before, 3, 3)
    yield from layer("quant_conv", "quant_conv", 8, 8, 1, 1)
    yield from layer("post_quant_conv", "post_quant_conv", 4, 4, 1, 1)
    yield from layer("decoder.conv_in", "decoder.conv_in", before, 4, 3, 3)
    yield from vae_middle("decoder", before)
    for up, c in enumerate(reversed(widths)):
        a, b = f"decoder.up.{n - 1 - up}", f"decoder.up_blocks.{up}"
        for j in range(layers + 1):
            yield from resnet(f"{a}.block.{j}", f"{b}.resnets.{j}", before, c, 0)
            before = c
        if up + 1 < n:
            yield from layer(f"{a}.upsample.conv", f"{b}.upsamplers.0.conv", c, c, 3, 3)
    yield from layer("decoder.norm_out", "decoder.conv_norm_out", before)
    yield from layer("decoder.conv_out", "decoder.conv_out", 3, before, 3, 3)


def tiny_block(original, diffusers, c):
    for i in (0, 2, 4):
        yield from layer(f"{original}.conv.{i}", f"{diffusers}.conv.{i}", c, c, 3, 3)


def taesd(blocks=(1, 3, 3, 3), c=64):
    """Two original files: the encoder's has diffusers' numbers, the decoder's begins with a clamp and is one further."""
    i = 0
    for level, n in enumerate(blocks):
        yield from layer(f"encoder.{i}", f"encoder.layers.{i}", c, 3 if level == 0 else c, 3, 3, bias=level == 0)
        for i in range(i + 1, i + 1 + n):
            yield from tiny_block(f"encoder.{i}", f"encoder.layers.{i}", c)
        i += 1
    yield from layer(f"encoder.{i}", f"encoder.layers.{i}", 4, c, 3, 3)
    yield from layer("decoder.1", "decoder.layers.0", c, 4, 3, 3)
    i = 2
    for level, n in enumerate(reversed(blocks)):
        for i in range(i, i + n):
            yield from tiny_block(f"decoder.{i + 1}", f"decoder.layers.{i}", c)
        last = level + 1 == len(blocks)
        i += 1 if last else 2
        yield from layer(f"decoder.{i + 1}", f"decoder.layers.{i}", 3 if last else c, c, 3, 3, bias=last)
        i += 1


def text_encoder(vocabulary, positions, width, inner, layers):
    """Both layouts have the same names; files of transformers before 5 write text_model. before them."""
    def same(name, *shape, bias=True):
        return layer(name, name, *shape, bias=bias)
    yield from same("embeddings.token_embedding", vocabulary, width, bias=False)
    yield from same("embeddings.position_embedding", positions, width, bias=False)
    for i in range(layers):
        for name, shape in (("self_attn.q_proj", (width, width)), ("self_attn.k_proj", (width, width)),
                            ("self_attn.v_proj", (width, width)), ("self_attn.out_proj", (width, width)),
                            ("layer_norm1", (width,)), ("layer_norm2", (width,)), ("mlp.fc1", (inner, width)),
                            ("mlp.fc2", (width, inner))):
            yield from same(f"encoder.layers.{i}.{name}", *shape)
    yield from same("final_layer_norm", width)


def original_shape(entry):
    """The attention of an original VAE is made of 1x1 convolutions; everything else has one shape in both."""
    flat = ".attn_1." in entry.original and len(entry.shape) == 2
    return entry.shape + (1, 1) if flat else entry.shape
