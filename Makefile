# Short names for those who like make. go.py does the work and needs only Python.
.PHONY: run test long

run:
	python3 go.py run

test:
	python3 go.py test

long:
	python3 go.py test --long
