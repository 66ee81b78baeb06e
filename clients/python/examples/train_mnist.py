#!/usr/bin/env python3
"""Trains a small convolutional net on MNIST, alone or as several ranks: `torchrun --nproc-per-node 2 train_mnist.py`.

Stop it whenever you like: started again, it goes on behind its last checkpoint, as if nothing had been.
"""

import argparse, json, os
import torch, torch.distributed
from torch import nn
from torch.utils.data import DataLoader
from data_dispatcher import open_session
from data_dispatcher.torch import DispatcherDataset

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--dispatcher", default="localhost:8090", help="its --sessions [%(default)s]")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--batch-size", type=int, default=32, help="of each rank [%(default)s]")
parser.add_argument("--checkpoint", default="mnist.pt", help="read if it is there [%(default)s]")
parser.add_argument("--every", type=int, default=20, help="steps between checkpoints [%(default)s]")
parser.add_argument("--log", help="a file for the loss of each step, one JSON object a line")
options = parser.parse_args()

if "WORLD_SIZE" in os.environ:
    torch.distributed.init_process_group("gloo")
ranks = torch.distributed.get_world_size() if torch.distributed.is_initialized() else 1
leads = ranks == 1 or torch.distributed.get_rank() == 0
torch.manual_seed(0), torch.set_num_threads(1)

net = nn.Sequential(nn.Conv2d(1, 8, 5, stride=2), nn.ReLU(), nn.Conv2d(8, 16, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10))
model = nn.parallel.DistributedDataParallel(net) if ranks > 1 else net
optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
data = DispatcherDataset(options.dispatcher, dataset="mnist-train", batch_size=options.batch_size, shuffle=7)
step = 0
if os.path.exists(options.checkpoint):
    saved = torch.load(options.checkpoint)
    net.load_state_dict(saved["net"]), optimizer.load_state_dict(saved["optimizer"]), data.load_state_dict(saved["data"])
    step = saved["step"]

log = open(options.log, "a") if options.log and leads else None
for epoch in range(data.state_dict()["epoch"], options.epochs):
    data.set_epoch(epoch)
    for batch in DataLoader(data, batch_size=None):
        loss = nn.functional.cross_entropy(model(batch["image"]), batch["label"].long())
        optimizer.zero_grad(), loss.backward(), optimizer.step()
        step += 1
        if log:
            print(json.dumps({"step": step, "loss": loss.item()}), file=log, flush=True)
        if leads and step % 100 == 0:
            print(f"epoch {epoch}, step {step}: loss {loss.item():.3f}", flush=True)
        if leads and step % options.every == 0:
            states = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "data": data.state_dict()}
            torch.save({**states, "step": step}, options.checkpoint + ".new")
            os.replace(options.checkpoint + ".new", options.checkpoint)

if leads:
    with torch.no_grad(), open_session(options.dispatcher, dataset="mnist-test", batch_size=250) as batches:
        right = sum((net(torch.from_numpy(b["image"])).argmax(1).numpy() == b["label"]).sum() for b in batches)
    print(f"accuracy on 1,000 other images: {right / 10:.1f}%")
