package org.vortexel.device.host;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Map;
import org.vortexel.op.AdamW;
import org.vortexel.op.Arithmetic;
import org.vortexel.op.AveragePool;
import org.vortexel.op.Clamp;
import org.vortexel.op.CrossEntropy;
import org.vortexel.op.GatedResidual;
import org.vortexel.op.GradientClip;
import org.vortexel.op.GroupNorm;
import org.vortexel.op.Kernel;
import org.vortexel.op.LayerNorm;
import org.vortexel.op.Modulate;
import org.vortexel.op.ModulateImage;
import org.vortexel.op.NearestRow;
import org.vortexel.op.RmsNorm;
import org.vortexel.op.Softmax;
import org.vortexel.op.Sum;
import org.vortexel.op.Unary;
import org.vortexel.op.Upsample;

/// The plain kernels that have a twin of the same name and the same parameters.
final class VectorKernels {
    private static final List<Class<?>> TWINS = List.of(
            VectorNorms.class,
            VectorSums.class,
            VectorArithmetic.class,
            VectorModulation.class,
            VectorImages.class,
            VectorTokens.class);

    /// For every op with such twins, their names.
    private static final Map<Class<?>, List<String>> NAMES = Map.ofEntries(
            Map.entry(Softmax.class, List.of("softmax")),
            Map.entry(Softmax.Gradient.class, List.of("softmaxGradient")),
            Map.entry(LayerNorm.class, List.of("layerNorm", "layerNormAffine")),
            Map.entry(LayerNorm.Gradient.class, List.of("layerNormGradient")),
            Map.entry(RmsNorm.class, List.of("rmsNorm", "rmsNormWeighted")),
            Map.entry(RmsNorm.Gradient.class, List.of("rmsNormGradient")),
            Map.entry(GroupNorm.class, List.of("channelMoments", "groupNorm", "groupNormAffine")),
            Map.entry(GroupNorm.Gradient.class, List.of("channelSums", "groupNormGradient", "groupNormAffineGradient")),
            Map.entry(Sum.class, List.of("sum")),
            Map.entry(GradientClip.SumOfSquares.class, List.of("sumOfSquares")),
            Map.entry(Modulate.class, List.of("modulate")),
            Map.entry(Modulate.InputGradient.class, List.of("modulateInputGradient")),
            Map.entry(Modulate.ScaleGradient.class, List.of("modulateScaleGradient")),
            Map.entry(GatedResidual.class, List.of("gatedResidual")),
            Map.entry(GatedResidual.BranchGradient.class, List.of("gatedBranchGradient")),
            Map.entry(GatedResidual.GateGradient.class, List.of("gateGradient")),
            Map.entry(ModulateImage.class, List.of("modulateImage")),
            Map.entry(ModulateImage.InputGradient.class, List.of("modulateImageInputGradient")),
            Map.entry(ModulateImage.MapGradient.class, List.of("modulateImageMapGradient")),
            Map.entry(Upsample.class, List.of("upsampleNearest")),
            Map.entry(AveragePool.class, List.of("averagePool")),
            Map.entry(Arithmetic.class, List.of("add", "sub", "mul", "divide")),
            Map.entry(Clamp.class, List.of("limit")),
            Map.entry(Clamp.Gradient.class, List.of("clampGradient")),
            Map.entry(NearestRow.class, List.of("nearestRow")),
            Map.entry(CrossEntropy.class, List.of("crossEntropy")),
            Map.entry(CrossEntropy.Gradient.class, List.of("crossEntropyGradient")),
            Map.entry(AdamW.class, List.of("adamW", "adamWAveraging")),
            Map.entry(Unary.class, List.of("exponential")));

    private VectorKernels() {}

    /// The twin of `plain`, or `plain` itself when it has none.
    ///
    /// @throws IllegalStateException when a twin's parameters are not those of its plain kernel
    static MethodHandle twin(Kernel plain) {
        if (!NAMES.getOrDefault(plain.owner(), List.of()).contains(plain.name())) {
            return plain.handle();
        }
        for (Class<?> owner : TWINS) {
            try {
                return MethodHandles.lookup()
                        .findStatic(owner, plain.name(), plain.handle().type());
            } catch (NoSuchMethodException _) {
                // it is in another of the classes
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("the twin of " + plain + " is not visible", e);
            }
        }
        throw new IllegalStateException("the twin of " + plain + " has other parameters");
    }
}
