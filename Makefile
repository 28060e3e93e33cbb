# make run: the whole product on this machine. make test: every check. Both install what they need.
.DEFAULT_GOAL := run
.PHONY: run setup environment test help

PORT ?= 8000

run: setup
	@exec .venv/bin/python manage.py up --port $(PORT)

setup: environment
	@.venv/bin/python manage.py prepare

environment:
	@sh scripts/setup.sh

test:
	@sh scripts/setup.sh dev
	@exec .venv/bin/python scripts/check.py

help:
	@sed -n 's/^# //p' Makefile
