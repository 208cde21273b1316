# The scoring service. LightGBM needs libgomp1, which the slim image lacks.
FROM python:3.11-slim
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/creditgraph
COPY pyproject.toml constraints.txt README.md ./
COPY graph graph
COPY ingest ingest
COPY gnn gnn
COPY api api
RUN pip install --no-cache-dir --constraint constraints.txt .
RUN useradd --system --uid 10001 creditgraph
USER creditgraph
ENV OMP_NUM_THREADS=1
EXPOSE 8000
CMD ["creditgraph", "serve"]
