package org.vortexel.device.tornado;

import java.lang.invoke.LambdaConversionException;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vortexel.op.Kernel;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.TornadoFunctions;

/// Adds kernels to task graphs.
///
/// TornadoVM takes a function object of an interface `TaskN` and finds the kernel by reading the bytecode of the
/// object's `apply` for the first static call. So the object has to be what javac makes of `Owner::kernel`, and is
/// made the same way here, for any kernel.
final class Tasks {
    private static final int FEWEST = 3;
    /// The interfaces of 3 and more arguments.
    private static final List<Class<?>> INTERFACES = List.of(
            TornadoFunctions.Task3.class,
            TornadoFunctions.Task4.class,
            TornadoFunctions.Task5.class,
            TornadoFunctions.Task6.class,
            TornadoFunctions.Task7.class,
            TornadoFunctions.Task8.class,
            TornadoFunctions.Task9.class,
            TornadoFunctions.Task10.class,
            TornadoFunctions.Task11.class,
            TornadoFunctions.Task12.class,
            TornadoFunctions.Task13.class,
            TornadoFunctions.Task14.class,
            TornadoFunctions.Task15.class,
            TornadoFunctions.Task16.class,
            TornadoFunctions.Task17.class,
            TornadoFunctions.Task18.class,
            TornadoFunctions.Task19.class,
            TornadoFunctions.Task20.class);

    private Tasks() {}

    /// Adds a call as a task of the given name.
    static void add(TaskGraph graph, String name, Launch launch) {
        int arity = launch.arguments().length;
        Class<?> type = INTERFACES.get(arity - FEWEST);
        List<Class<?>> parameters = new ArrayList<>(List.of(String.class, type));
        parameters.addAll(objects(arity));
        try {
            MethodHandle task = MethodHandles.publicLookup()
                    .findVirtual(TaskGraph.class, "task", MethodType.methodType(TaskGraph.class, parameters));
            List<Object> arguments = new ArrayList<>(List.of(graph, name, function(type, launch.kernel())));
            arguments.addAll(Arrays.asList(launch.arguments()));
            task.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("kernel " + launch.kernel() + " cannot be made a task", e);
        }
    }

    private static Object function(Class<?> type, Kernel kernel) throws Throwable {
        MethodHandles.Lookup owner = MethodHandles.privateLookupIn(kernel.owner(), MethodHandles.lookup());
        MethodType own = kernel.handle().type();
        MethodType erased = MethodType.methodType(void.class, objects(own.parameterCount()));
        MethodType boxed = own.wrap().changeReturnType(void.class);
        try {
            return LambdaMetafactory.metafactory(
                            owner, "apply", MethodType.methodType(type), erased, kernel.handle(), boxed)
                    .getTarget()
                    .invoke();
        } catch (LambdaConversionException e) {
            throw new IllegalStateException("kernel " + kernel + " is no plain static method", e);
        }
    }

    private static List<Class<?>> objects(int count) {
        return java.util.Collections.nCopies(count, Object.class);
    }
}
