# The commands of the house; each installs the Debian packages that it needs. The build itself is meson.

help:
	@echo 'make run         build Tacet and open it on a sample scene (without a display: generate it into out/)'
	@echo 'make test        build and run every test, also under ASan and UBSan; the last line counts them'
	@echo 'make benchmarks  measure the numeric engine on this machine'
	@echo 'make benchmarks-canvas  measure how long a frame of the canvas takes (ARGS=--busy: in processor time)'
	@echo 'make benchmarks-peers  measure it beside PyTorch (ARGS=--quick: a small model)'
	@echo 'make fuzz        feed the file readers with mutated files for a minute each'
	@echo 'make world       make full-size models, run them in diffusers and in Tacet, compare (20 GB, an hour or two)'
	@echo 'make format      bring the C files into the house style'
	@echo 'make install     install what was built (PREFIX=/usr/local DESTDIR=)'
	@echo 'make clean       remove all build folders'

run:
	@scripts/run $(SCENE)

test:
	@scripts/test

benchmarks:
	@scripts/install-deps build
	@TARGETS='tests/kernels/benchmarks tests/sample/benchmark-generate tests/train/benchmark-train' scripts/build build
	@build/tests/kernels/benchmarks
	@build/tests/sample/benchmark-generate
	@build/tests/train/benchmark-train

benchmarks-canvas:
	@scripts/install-deps build
	@TARGETS='benchmarks/benchmark-canvas' scripts/build build
	@build/benchmarks/benchmark-canvas $(ARGS)

benchmarks-peers:
	@benchmarks/run $(ARGS)

fuzz:
	@scripts/fuzz

world:
	@scripts/world $(STEPS)

format:
	@scripts/install-deps test
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format -i

install:
	@scripts/install-deps build run
	@scripts/build build
	@meson configure build -Dprefix=$(or $(PREFIX),/usr/local)
	@meson install -C build

clean:
	rm -rf build build-test build-asan build-fuzz out

.PHONY: help run test benchmarks benchmarks-canvas benchmarks-peers fuzz world format install clean
