"""One network in PyTorch, in a process of its own that peers.py talks to: a JSON object a line, an answer a line.

Loads a network once and runs passes when told, so that passes of two programs can take turns.
"""
import json
import os
import resource
import sys
import time

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", DIFFUSERS_VERBOSITY="error")
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tests", "world"))

import torch  # noqa: E402
import picture  # noqa: E402
import references  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from transformers import CLIPTokenizer  # noqa: E402


class Worker:
    def load(self, part, path, threads):
        torch.set_num_threads(threads)
        self.network = references.CLASSES[part].from_pretrained(path, torch_dtype=torch.float32).eval()
        self.network.requires_grad_(False)
        self.compiled = None
        return {}

    def inputs(self, module, path):
        self.module, self.tensors = module, load_file(path)
        return {}

    def layout(self, name):
        """contiguous, channels-last, compiled (which keeps the layout before it)."""
        if name == "compiled":
            forward = self.network.decoder if self.module == "vae-decoder" else self.network
            self.eager, forward.forward = (forward, forward.forward), torch.compile(forward.forward)
        else:
            wanted = torch.channels_last if name == "channels-last" else torch.contiguous_format
            self.network.to(memory_format=wanted)
            self.tensors = {k: v.contiguous(memory_format=wanted) if v.dim() == 4 else v for k, v in self.tensors.items()}
        return {}

    def once(self):
        start = time.perf_counter()
        with torch.inference_mode():
            self.result = references.evaluate(self.network, self.module, self.tensors)
        return {"seconds": time.perf_counter() - start}

    def save(self, path):
        save_file({k: v.float().contiguous() for k, v in self.result.items()}, path)
        return {}

    def train(self, unet, controlnet, batch, side, tokens, threads):
        """A ControlNet against a frozen U-Net, as diffusers' example trains: seconds of a step once it is warm."""
        torch.set_num_threads(threads)
        load = lambda part, path: references.CLASSES[part].from_pretrained(path, torch_dtype=torch.float32)
        frozen, net = load("unet", unet).requires_grad_(False), load("controlnet", controlnet).train()
        factor = 2 ** (len(net.config.conditioning_embedding_out_channels) - 1)
        optimiser = torch.optim.AdamW(net.parameters(), lr=1e-5, fused=True)
        x = torch.randn(batch, net.config.in_channels, side, side)
        text = torch.randn(batch, tokens, net.config.cross_attention_dim)
        hint = torch.rand(batch, net.config.conditioning_channels, side * factor, side * factor)
        times = torch.randint(100, 1000, (batch,))
        target, best = torch.zeros_like(x), {}
        for name, layout in (("contiguous", torch.contiguous_format), ("channels-last", torch.channels_last)):
            frozen.to(memory_format=layout)
            net.to(memory_format=layout)
            best[name] = min(self.step(frozen, net, optimiser, x.contiguous(memory_format=layout), times, text,
                                       hint.contiguous(memory_format=layout), target) for _ in range(6))
        return {"seconds": best}

    def step(self, unet, net, optimiser, x, times, text, hint, target):
        start = time.perf_counter()
        self.gradients(unet, net, x, times, text, hint, target)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        return time.perf_counter() - start

    def gradients(self, unet, net, x, times, text, hint, target):
        down, middle = net(x, times, text, hint, return_dict=False)
        found = unet(x, times, text, down_block_additional_residuals=down, mid_block_additional_residual=middle).sample
        loss = torch.nn.functional.mse_loss(found, target)
        loss.backward()
        return loss.item()

    def prepare(self, unet, controlnet, inputs, threads):
        """For steps one by one, on given inputs."""
        torch.set_num_threads(threads)
        load = lambda part, path: references.CLASSES[part].from_pretrained(path, torch_dtype=torch.float32)
        self.pair = load("unet", unet).requires_grad_(False), load("controlnet", controlnet).train()
        groups = [{"params": [w for w in self.pair[1].parameters() if (w.dim() > 1) == matrix],
                   "weight_decay": 0.01 if matrix else 0} for matrix in (True, False)]  # as Tacet does
        self.optimiser = torch.optim.AdamW(groups, lr=1e-5, fused=True)
        self.tensors = load_file(inputs)
        return {}

    def train_as(self, layout):
        wanted = torch.channels_last if layout == "channels-last" else torch.contiguous_format
        for network in self.pair:
            network.to(memory_format=wanted)
        self.tensors = {k: v.contiguous(memory_format=wanted) if v.dim() == 4 else v for k, v in self.tensors.items()}
        return {}

    def sample(self):
        return [self.tensors[name] for name in ("sample", "timestep", "encoder_hidden_states", "controlnet_cond", "target")]

    def train_once(self):
        return {"seconds": self.step(*self.pair, self.optimiser, *self.sample())}

    def train_and_save(self, path, names):
        """The first step: gradients of the named weights and what the step changed in them."""
        weights = dict(self.pair[1].named_parameters())
        before = {name: weights[name].detach().clone() for name in names}
        loss = self.gradients(*self.pair, *self.sample())
        norm = sum(float(w.grad.double().square().sum()) for w in weights.values()) ** 0.5
        result = {f"gradient.{name}": weights[name].grad.contiguous() for name in names}
        self.optimiser.step()
        result.update({f"change.{name}": (weights[name].detach() - before[name]).contiguous() for name in names})
        save_file(result, path)
        self.optimiser.zero_grad(set_to_none=True)
        return {"loss": loss, "norm": norm}

    def generate(self, folder, model, controls, side, steps, guidance, threads):
        """A picture by diffusers' StableDiffusionControlNetPipeline, from f16 files, in float32."""
        torch.set_num_threads(threads)
        load = lambda part, path: references.CLASSES[part].from_pretrained(path, torch_dtype=torch.float32).eval()
        networks = {part: load(part, f"{model}/{part}") for part in ("unet", "vae", "text_encoder")}
        with open(f"{model}/scheduler/scheduler_config.json") as file:
            scheduler = json.load(file)
        start = time.perf_counter()
        picture.theirs(networks, [load("controlnet", path) for path in controls], CLIPTokenizer.from_pretrained(f"{model}/tokenizer"), scheduler,
                       picture.control_maps(folder, side), side, steps, guidance)
        return {"seconds": time.perf_counter() - start}

    def peak(self):
        return {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def main():
    worker, out = Worker(), os.dup(1)
    os.dup2(2, 1)  # whatever libraries print is no answer
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = getattr(worker, order.pop("do"))(**order)
        except Exception as failure:  # the other side shows it in the table
            answer = {"failed": f"{type(failure).__name__}: {failure}".split("\n")[0][:120]}
        os.write(out, (json.dumps(answer) + "\n").encode())


main()
