package org.vortexel.op;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a loop variable whose iterations are independent: `for (@Parallel int i = 0; i < count; i++)`.
///
/// On a JVM it is a comment. TornadoVM reads it from the class file (its name is given there in
/// `tornado.load.annotation.parallel`) and makes one device thread of every iteration.
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.LOCAL_VARIABLE, ElementType.TYPE_USE})
public @interface Parallel {}
