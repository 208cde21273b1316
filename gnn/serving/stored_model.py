"""What of a served model goes into which file of a bundle, and back. No pickle: tensors, text and plain values.

The tensors' file carries no metadata of its own, since several entries would be written in random order.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import lightgbm
import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from gnn.errors import BundleCorrupt
from gnn.features.plan import FeaturePlan
from gnn.features.standardise import Standardiser
from gnn.models.calibrate import Calibrator
from gnn.models.interval import Intervals
from gnn.models.thickness import ScorableRule
from gnn.network.encoder_plan import EncoderPlan
from gnn.network.layers import NetworkShape, TreeNetwork
from gnn.network.model import FittedGraph
from gnn.serving.bundle import Bundle
from gnn.serving.served_model import Combination, ServedModel
from gnn.serving.subscores import SubScales

TENSORS = "model.safetensors"
BOOSTED = "lightgbm_{}.txt"
STANDARDISER_FIELDS = ("columns", "low", "high", "tail", "centre", "scale", "flags")


def store_model(model: ServedModel) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Manifest fields and file contents of a model; equal models give equal bytes."""
    graph = model.graph
    manifest = {
        "task": model.task,
        "features": json.loads(model.plan.to_json()),
        "own_features": list(model.own),
        "encoder": graph.encoder.to_json(),
        "networks": [network.shape.to_json() for network in graph.networks],
        "boosters": len(model.boosted),
        "combination": model.combination.value,
        "calibrator": asdict(model.calibrator),
        "intervals": model.intervals.to_json(),
        "scorable": asdict(model.scorable),
        "subscores": model.subscales.to_json(),
    }
    tensors: dict[str, Tensor] = {
        f"standardiser.{name}": torch.from_numpy(np.ascontiguousarray(getattr(graph.standardiser, name)))
        for name in STANDARDISER_FIELDS
    }
    tensors["level"] = torch.from_numpy(np.ascontiguousarray(graph.level))
    for member, network in enumerate(graph.networks):
        tensors |= {f"network.{member}.{name}": value.contiguous() for name, value in network.state_dict().items()}
    files = {BOOSTED.format(i): booster.model_to_string().encode() for i, booster in enumerate(model.boosted)}
    return manifest, {TENSORS: save(tensors)} | files


def restore_model(bundle: Bundle) -> ServedModel:
    """The model a bundle holds.

    Raises:
        BundleCorrupt: the contents do not fit together, though every file is as it was written.
    """
    try:
        return _restore(bundle.manifest, bundle.files)
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError, lightgbm.basic.LightGBMError) as exc:
        raise BundleCorrupt(bundle.place, "its contents", f"do not fit together ({exc})") from exc


def _restore(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> ServedModel:
    tensors = load(files[TENSORS])
    standardiser = Standardiser(*(tensors[f"standardiser.{name}"].numpy() for name in STANDARDISER_FIELDS))
    shapes = map(NetworkShape.from_json, manifest["networks"])
    networks = tuple(_network(shape, tensors, f"network.{member}.") for member, shape in enumerate(shapes))
    boosted = tuple(lightgbm.Booster(model_str=files[BOOSTED.format(i)].decode()) for i in range(manifest["boosters"]))
    return ServedModel(
        task=manifest["task"],
        plan=FeaturePlan.from_json(json.dumps(manifest["features"])),
        own=tuple(manifest["own_features"]),
        graph=FittedGraph(EncoderPlan.from_json(manifest["encoder"]), standardiser, tensors["level"].numpy(), networks),
        boosted=boosted,
        calibrator=Calibrator(**manifest["calibrator"]),
        intervals=Intervals.from_json(manifest["intervals"]),
        scorable=ScorableRule(**manifest["scorable"]),
        subscales=SubScales.from_json(manifest["subscores"]),
        combination=Combination(manifest["combination"]),
    )


def _network(shape: NetworkShape, tensors: Mapping[str, Tensor], prefix: str) -> TreeNetwork:
    network = TreeNetwork(shape)
    network.load_state_dict({name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)})
    return network.eval()
