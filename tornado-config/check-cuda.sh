#!/usr/bin/env bash
# Generates every kernel for CUDA and compiles each for a real GPU's architecture, without a GPU.
#
#   TORNADOVM_HOME=<TornadoVM with its CUDA backend> tornado-config/check-cuda.sh [ARCHITECTURE]
#
# TornadoVM's virtual device writes CUDA C for every kernel (no driver is needed), and NVIDIA's nvcc compiles each to
# machine code of the architecture (default: sm_90, the H100). Prints "N of N kernels compile"; exit code 1 when one does
# not. Where TornadoVM or nvcc is missing it says so and ends with exit code 0. Work files: target/check-cuda.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
architecture=${1:-sm_90}
work=target/check-cuda

skip() {
    echo "skipped: $1"
    exit 0
}

[[ -n ${TORNADOVM_HOME:-} && -r ${TORNADOVM_HOME:-}/tornado-argfile ]] || skip "no TornadoVM"
grep -q tornado.drivers.cuda "$TORNADOVM_HOME/tornado-argfile" || skip "no TornadoVM with its CUDA backend in $TORNADOVM_HOME"
command -v nvcc >/dev/null || skip "no nvcc"
java=${VORTEXEL_JAVA_HOME:-${JAVA_HOME:-}}
java=${java:+$java/bin/}java

rm -rf "$work"
mkdir -p "$work/kernels"
mvn -o -B -q -Dquick test-compile dependency:build-classpath "-Dmdep.outputFile=$PWD/$work/classpath" >"$work/build.log" 2>&1 ||
    mvn -B -q -Dquick test-compile dependency:build-classpath "-Dmdep.outputFile=$PWD/$work/classpath" >"$work/build.log" 2>&1 ||
    { echo "the build failed; its log is $work/build.log" >&2; exit 1; }

"$java" "@$TORNADOVM_HOME/tornado-argfile" -Dtornado.recover.bailout=False -Dtornado.virtual.device=True \
    "-Dtornado.device.desc=$TORNADOVM_HOME/examples/virtual-device-GPU.json" \
    -Dtornado.printKernel=True "-Dtornado.print.kernel.dir=$PWD/$work/all.cu" \
    --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
    -cp "target/quick-classes:target/test-classes:$(<"$work/classpath")" \
    org.vortexel.device.tornado.KernelSources >"$work/kernels.log" 2>&1 ||
    { tail -n 20 "$work/kernels.log" >&2; echo "TornadoVM could not generate a kernel; its log is $work/kernels.log" >&2; exit 1; }

# One file a kernel: 017-layerNorm.cu
awk -v folder="$work/kernels" '
    /^extern "C" __global__ void / { split($5, name, "("); file = sprintf("%s/%03d-%s.cu", folder, ++n, name[1]) }
    file { print > file }' "$work/all.cu"

# Every kernel that was asked for has to be among them.
missing=0
while read -r kernel; do
    compgen -G "$work/kernels/*-${kernel##*.}.cu" >/dev/null || { echo "no source: $kernel"; missing=$((missing + 1)); }
done < <(sed -n 's/^kernel //p' "$work/kernels.log")

find "$work/kernels" -name '*.cu' | sort |
    xargs -P "$(nproc)" -I{} sh -c 'nvcc -arch="$1" -cubin -o "$2bin" "$2" 2>"$2.log" || { echo "nvcc refuses $2:"; head -n 5 "$2.log"; }' \
        nvcc "$architecture" {}

sources=$(find "$work/kernels" -name '*.cu' | wc -l)
compiled=$(find "$work/kernels" -name '*.cubin' -size +0 | wc -l)
kernels=$(grep -c '^kernel ' "$work/kernels.log")
echo "$((kernels - missing)) of $kernels kernels generated; $compiled of $sources sources compile for $architecture ($(nvcc --version | sed -n 's/.*release \([^,]*\).*/nvcc \1/p'))"
[[ $missing -eq 0 && $compiled -eq $sources && $sources -gt 0 ]]
