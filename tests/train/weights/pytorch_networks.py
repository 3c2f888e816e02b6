"""ResNet-18 and GoogLeNet in PyTorch, with the names and the padding of torchvision's.

Written here because torchvision's wheels are tied to a PyTorch with CUDA.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from train.networks.googlenet import INCEPTIONS


class Block(nn.Module):
    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.downsample: Any = nn.Identity()
        if stride != 1 or before != after:
            self.downsample = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class ResNet18(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        for number, (before, after) in enumerate(
            ((64, 64), (64, 128), (128, 256), (256, 512)), start=1
        ):
            blocks = (Block(before, after, 1 if number == 1 else 2), Block(after, after, 1))
            self.add_module(f"layer{number}", nn.Sequential(*blocks))
        self.fc = nn.Linear(512, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes pixels 0..255."""
        mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
        x = (x / 255 - mean) / deviation
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        for number in range(1, 5):
            x = self.get_submodule(f"layer{number}")(x)
        return self.fc(x.mean(dim=(2, 3)))


class Convolution(nn.Module):
    def __init__(self, before: int, after: int, size: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, size, stride, size // 2, bias=False)
        self.bn = nn.BatchNorm2d(after, eps=0.001)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    def __init__(self, before: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        one, three_less, three, five_less, five, pooled = channels
        self.branch1 = Convolution(before, one)
        self.branch2 = nn.Sequential(
            Convolution(before, three_less), Convolution(three_less, three, 3)
        )
        self.branch3 = nn.Sequential(
            Convolution(before, five_less), Convolution(five_less, five, 3)
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, 1, 1, ceil_mode=True), Convolution(before, pooled)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        branches = (self.branch1, self.branch2, self.branch3, self.branch4)
        return torch.cat([branch(x) for branch in branches], dim=1)


class Head(nn.Module):
    def __init__(self, before: int, classes: int) -> None:
        super().__init__()
        self.conv = Convolution(before, 128)
        self.fc1 = nn.Linear(2048, 1024)
        self.fc2 = nn.Linear(1024, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(nn.functional.avg_pool2d(x, 5, 3))
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


class GoogLeNet(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = Convolution(3, 64, 7, 2)
        self.conv2 = Convolution(64, 64)
        self.conv3 = Convolution(64, 192, 3)
        before = 192
        for name, channels in INCEPTIONS.items():
            self.add_module(name, Inception(before, channels))
            before = channels[0] + channels[2] + channels[4] + channels[5]
        self.aux1 = Head(512, classes)
        self.aux2 = Head(528, classes)
        self.fc = nn.Linear(1024, classes)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Takes pixels 0..255; gives its own logits and those of both heads."""
        heads = []
        x = nn.functional.max_pool2d(self.conv1(x / 127.5 - 1), 3, 2, ceil_mode=True)
        x = nn.functional.max_pool2d(self.conv3(self.conv2(x)), 3, 2, ceil_mode=True)
        for name in INCEPTIONS:
            x = self.get_submodule(name)(x)
            if name in ("inception4a", "inception4d"):
                heads.append((self.aux1 if name == "inception4a" else self.aux2)(x))
            if name in ("inception3b", "inception4e"):
                size = 3 if name == "inception3b" else 2
                x = nn.functional.max_pool2d(x, size, 2, ceil_mode=True)
        return [self.fc(x.mean(dim=(2, 3))), *heads]
