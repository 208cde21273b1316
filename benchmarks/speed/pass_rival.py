"""One borrower's pass as it is usually put together from stock parts: a database, a boosting library and PyG.

DuckDB holds each relation of a person as a table indexed by person and sums it up, one query a relation; LightGBM's own
`predict` scores the columns; PyG's loader draws two hops and stock GraphSAGE passes over them. It is lent this project's
sampler and is asked for less: no aggregate over others' facts, and its columns are not those the trees were trained on, which
costs them nothing.
"""

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import torch
from torch_geometric.data import HeteroData
from torch_geometric.loader import NodeLoader

from benchmarks.speed.hetero_sage import HeteroSage
from gnn.examples import Examples
from gnn.hetero import numeric_properties, to_hetero_data
from gnn.network.model import FANOUTS
from gnn.network.train import fixed_threads
from gnn.sampler import AsOfSampler
from gnn.serving.served_model import ServedModel
from graph.snapshot import Snapshot
from graph.snapshot.format import MISSING, SECOND_BITS
from graph.steps import Step

NAME = "DuckDB's aggregates of own facts alone, LightGBM's predict and stock PyG GraphSAGE over the sampled hops"
HIDDEN = 32
WIDTH = 2  # node features: a constant, and the logarithm of a node's number of facts
Row = tuple[float | None, ...]


class StockPass:
    """Answers the examples it was made for, one after the other, in their order."""

    def __init__(self, snapshot: Snapshot, model: ServedModel, examples: Examples) -> None:
        self._model, self._label = model, model.label
        self._database = duckdb.connect()
        self._queries = [_put_table(self._database, snapshot, step, n) for n, step in enumerate(snapshot.steps(self._label))]
        data = to_hetero_data(snapshot, int(examples.as_of_s.max()))
        _put_features(data)
        sampler = AsOfSampler(snapshot, data, FANOUTS)
        places = np.full(snapshot.num_nodes(self._label), -1)
        places[data[self._label].row.numpy()] = np.arange(data[self._label].num_nodes)
        rows = snapshot.standing(self._label, examples.rows, np.full(len(examples), int(examples.as_of_s.max())))
        seeds, times = torch.from_numpy(places[rows]), torch.from_numpy(examples.as_of_s)
        self._loader = NodeLoader(data, sampler, input_nodes=(self._label.value, seeds), input_time=times, batch_size=1)
        widths = dict.fromkeys(data.node_types, WIDTH)
        hearing = sum(bool(network.shape.convolutions) for network in model.graph.networks)  # of a pass by messages
        made = (HeteroSage(data.edge_types, widths, HIDDEN, self._label.value).eval() for _ in range(hearing))
        self._networks = tuple(made)  # untrained: weights cost the same whatever they are
        self._examples = examples

    def answers(self) -> Iterator[float]:
        """One raw score after the other; asking for the next is what one pass costs."""
        batches = iter(self._loader)
        wide = np.full((1, len(self._model.plan.columns)), np.nan)
        for row, as_of_s in zip(self._examples.rows.tolist(), self._examples.as_of_s.tolist(), strict=True):
            found = [value for query in self._queries for value in self._ask(query, row, as_of_s)]
            own = np.array(found, np.float64)[: wide.shape[1]]
            wide[0, : len(own)] = own
            boosted = sum(float(booster.predict(wide, raw_score=True, num_threads=1)[0]) for booster in self._model.boosted)
            batch = next(batches)
            with fixed_threads(), torch.inference_mode():
                logits = [network(batch.x_dict, batch.edge_index_dict)[0] for network in self._networks]
            yield boosted / len(self._model.boosted) + float(sum(logits)) / len(logits)

    def _ask(self, query: str, row: int, as_of_s: int) -> Row:
        found = self._database.execute(query, [row, as_of_s]).fetchone()
        assert found is not None, "an aggregate has a row"
        return found


def _put_table(database: duckdb.DuckDBPyConnection, snapshot: Snapshot, step: Step, number: int) -> str:
    """Store the facts of one step with an index by person; returns the query that sums one person's up."""
    (run,) = snapshot.runs(*step)
    columns = {"node": run.key >> np.uint64(SECOND_BITS), "known_at_s": run.key & np.uint64(2**SECOND_BITS - 1)}
    stored = {name: pa.array(values.astype(np.int64)) for name, values in columns.items()}
    summed = ["count(*)", "$2 - max(known_at_s)"]
    for prop in numeric_properties(step.edge):
        values = snapshot.take(step.edge, prop, run.ref.astype(np.int64))
        missing = values == MISSING if values.dtype == np.int64 else np.isnan(values)
        stored[prop] = pa.array(values, mask=missing)
        summed += [f"sum({prop})::double", f"avg({prop})::double", f"max({prop})::double"]
    name = f"step_{number}"
    database.register("handed", pa.table(stored))
    database.execute(f"create table {name} as select * from handed")
    database.execute(f"create index {name}_node on {name} (node)")
    return f"select {', '.join(summed)} from {name} where node = $1 and known_at_s < $2"


def _put_features(data: HeteroData) -> None:
    counts = {label: torch.zeros(data[label].num_nodes) for label in data.node_types}
    for edge in data.edge_types:
        counts[edge[2]] += torch.bincount(data[edge].edge_index[1], minlength=len(counts[edge[2]]))
    for label, number in counts.items():
        data[label].x = torch.stack([torch.ones_like(number), torch.log1p(number)], dim=1)
