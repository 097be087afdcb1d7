/// Feature caching: forecasting a network's features from earlier sampling steps instead of computing them. Which
/// steps, which weights, and how HyCa chooses a solver for every cluster of channels; plain arithmetic, no network.
/// May depend on `tensor`, `checkpoint` and `diffusion`.
///
/// Read [FeatureCache] and [Solver] first.
///
/// ```
/// probe features (P, L, D) --> Descriptors --> Partition --> Selection --> HycaProfile (JSON)
///                                                                              |
/// FeatureCache (Off | Fora | TaylorSeer | HiCache | FoCa | TeaCache | Hyca <---+)
///      |
///   CacheRun --every step--> CacheStep (Compute | Forecast: weights per slot and channel) --> the network's rings
/// ```
///
/// *Decisions*
///
/// - Every forecast, of every method, is a weighted sum of kept features whose weights sum to 1. So one ring and one
///   weighted sum serve all methods, and only a small table travels to the device at a step.
/// - Weights come from formulas for uneven gaps, integrals by Gauss's rule; BDF and Adams-Moulton with constant
///   coefficients were turned down, since their horizon must equal the gap. Solving linear systems for BDF was turned
///   down too: the polynomial's own formula is shorter and keeps all digits.
/// - Implicit solvers predict (AB2), then correct once. The paper does not say how it makes them explicit.
/// - The newest feature is the base of the sum and the others enter by their distance from it, so that what does not
///   change is forecast to the bit.
/// - Descriptors' formulas, their scaling, two clusters and eight probe steps are ours; the paper names the
///   indicators only.
@NullMarked
package org.vortexel.diffusion.cache;

import org.jspecify.annotations.NullMarked;
