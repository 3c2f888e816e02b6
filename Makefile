# make demo: the runtime alone, on this machine's camera or the embedded sample.
# make test: everything that is checked, with all that the checks need.

# For pipefail: what is piped to sed must fail all the same.
SHELL = bash
.SHELLFLAGS = -o pipefail -c
PYTHON ?= python3
PIP = -m pip install --disable-pip-version-check
# Compiling packages takes as long as the rest of an install, and pip does it on one core. Packages'
# own tests are left out. Files for another Python do not compile: that is no error.
COMPILE = -m compileall -qq -j 0 -x /tests/
# tflite-runtime's wheels end with Python 3.11, so its tests have an environment of their own.
# It has the numpy 1 and the OpenCV of a Raspberry Pi OS Bookworm.
HAS_TFLITE_RUNTIME := $(shell $(PYTHON) -c 'import sys; print(int(sys.version_info < (3, 12)))')
# The Keras that converts to TFLite begins with Python 3.11; without it the runtime is tested.
HAS_KERAS := $(shell $(PYTHON) -c 'import sys; print(int(sys.version_info >= (3, 11)))')
ifeq ($(HAS_KERAS),1)
EXTRAS = train,test,lint
else
EXTRAS = test,lint
endif

# On Raspberry Pi OS the camera comes with the system's picamera2, which a venv sees only if told to.
HAS_PICAMERA2 := $(shell $(PYTHON) -c 'import importlib.util as u; print(int(bool(u.find_spec("picamera2"))))')
ifeq ($(HAS_PICAMERA2),1)
VENV = -m venv --system-site-packages
INSTALLED = .venv/.installed-beside-picamera2
else
VENV = -m venv
INSTALLED = .venv/.installed
endif
# 32-bit ARM has tflite-runtime alone, and that ends with Python 3.11.
HAS_INTERPRETER := $(shell $(PYTHON) -c 'import platform, struct, sys; \
    print(int(struct.calcsize("P") == 8 or not platform.machine().startswith(("arm", "aarch64")) \
    or sys.version_info < (3, 12)))')

# Else each of the hundreds of processes that tests start compiles the runtime anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test environments train-environment lint test-litert test-tflite clean

ifeq ($(HAS_INTERPRETER),1)
demo: $(INSTALLED)
	.venv/bin/fer-edge demo
else
demo:
	@echo "32-bit ARM has no TFLite interpreter for Python 3.12 and newer (Raspberry Pi OS Trixie): take the 64-bit system, or 32-bit Bookworm"
	@exit 1
endif

# The environments are made at the same time, the rest is done one after the other.
test:
	@$(MAKE) --no-print-directory --jobs 2 environments
	@$(MAKE) --no-print-directory --jobs 1 lint test-litert test-tflite

environments: .venv-test/.installed

# What training and conversion need; the tests need the same.
train-environment: .venv-test/.installed

lint: .venv-test/.installed
	.venv-test/bin/ruff check .
	.venv-test/bin/ruff format --check .
	.venv-test/bin/mypy

# Four of the runtime's test files at a time: many wait for a clock or for another process. Their
# order is that of tests/conftest.py: files with few tests are not the shortest ones.
RUNTIME_TESTS = -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder --durations 12 \
    tests/runtime

# Of training's tests there is a process for each core, so that more threads only stand in their way.
ONE_THREAD = TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1

test-litert: .venv-test/.installed
	FER_EDGE_INTERPRETER=litert .venv-test/bin/python $(RUNTIME_TESTS)
ifeq ($(HAS_KERAS),1)
	$(ONE_THREAD) FER_EDGE_INTERPRETER=litert .venv-test/bin/python -m pytest \
	    --numprocesses auto --maxprocesses 4 --dist worksteal --durations 12 --ignore tests/runtime tests
endif

ifeq ($(HAS_TFLITE_RUNTIME),1)
environments: .venv-tflite/.installed

test-tflite: .venv-tflite/.installed
	FER_EDGE_INTERPRETER=tflite-runtime .venv-tflite/bin/python $(RUNTIME_TESTS)
else
test-tflite:
	@echo "tflite-runtime has no wheels for this Python: its tests need Python 3.10 or 3.11"
endif

$(INSTALLED): setup.cfg pyproject.toml
	$(PYTHON) $(VENV) .venv
	.venv/bin/python $(PIP) --editable .
	touch $@

.venv-test/.installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv-test
	.venv-test/bin/python $(PIP) --no-compile --editable '.[$(EXTRAS)]'
	.venv-test/bin/python $(COMPILE) .venv-test/lib || true
	touch $@

.venv-tflite/.installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv-tflite
	.venv-tflite/bin/python $(PIP) --no-compile --editable '.[tflite,test]' 2>&1 | sed -u 's/^/.venv-tflite: /'
	.venv-tflite/bin/python $(COMPILE) .venv-tflite/lib || true
	touch $@

clean:
	rm -rf .venv .venv-test .venv-tflite build *.egg-info
