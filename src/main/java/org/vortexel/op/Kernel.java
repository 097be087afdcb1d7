package org.vortexel.op;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// A static method that does the arithmetic of an op for `count` rows from `begin`; its last two parameters are
/// these.
///
/// @param owner the class that declares the method
/// @param name the method's name, unique in its class
/// @param handle the method; parameters are `float[]`, `int[]`, `int` and `float`
public record Kernel(Class<?> owner, String name, MethodHandle handle) {
    /// A device's compiler keeps the method's name, and these are functions of OpenCL C or, `div`, of the C
    /// library that CUDA includes.
    private static final Set<String> TAKEN = Set.of("""
            abs acos all any asin atan cbrt ceil clamp clz cos cosh cross degrees distance div dot erf erfc exp
            exp2 expm1 fabs floor fma fmax fmin fract half hypot length log log10 log1p log2 mad max min mix
            normalize pow prefetch printf radians rint rotate round rsqrt select shuffle sign sin sinh
            smoothstep sqrt step tan tanh trunc upsample""".split("\\s+"));

    /// The static method `name` of the class that calls this.
    ///
    /// @param lookup `MethodHandles.lookup()` of the class that declares the kernel
    /// @throws IllegalArgumentException when there is not exactly one such method, or its parameters are not a
    /// kernel's
    public static Kernel of(MethodHandles.Lookup lookup, String name) {
        Class<?> owner = lookup.lookupClass();
        List<Method> found = Arrays.stream(owner.getDeclaredMethods())
                .filter(m -> m.getName().equals(name) && Modifier.isStatic(m.getModifiers()))
                .toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException(
                    owner.getSimpleName() + " has " + found.size() + " kernels named " + name + ", wanted one");
        }
        if (TAKEN.contains(name)) {
            throw new IllegalArgumentException("kernel " + owner.getSimpleName() + "." + name
                    + " has the name of a function of OpenCL or CUDA; give it another");
        }
        try {
            MethodHandle handle = lookup.unreflect(found.getFirst());
            int parameters = handle.type().parameterCount();
            boolean ranged = parameters >= 3
                    && handle.type().parameterType(parameters - 1) == int.class
                    && handle.type().parameterType(parameters - 2) == int.class;
            if (!ranged || parameters > 20) {
                throw new IllegalArgumentException("kernel " + owner.getSimpleName() + "." + name
                        + " must end in (int begin, int count) and have at most 20 parameters");
            }
            return new Kernel(owner, name, handle);
        } catch (IllegalAccessException e) {
            throw new IllegalArgumentException("kernel " + owner.getSimpleName() + "." + name + " is not visible", e);
        }
    }

    @Override
    public String toString() {
        return owner.getSimpleName() + "." + name;
    }
}
