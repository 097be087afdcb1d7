package org.vortexel.eval;

/// How well a model of tokens tells the tokens of pictures that it was not trained on, seeing the
/// true ones before.
///
/// A model of fewer tokens finds each easier to tell, so its `loss` cannot be compared with that of
/// a model of codes. `codeLoss` can: it adds what it costs to name the code within its cluster.
///
/// @param pictures looked at
/// @param loss mean of `-ln p(token)`
/// @param codeLoss the same of codes, members of a cluster being equally likely: `loss` plus the
/// mean of `ln size`
/// @param codeLossFrequent the same with members as likely as in training (each counted once more)
/// @param entropy mean entropy of `p`, in units of that of an even choice
/// @param correct share of tokens that were the likeliest, in `[0, 1]`
/// @param correctNoisy the same when one in ten tokens of the context was replaced by an even
/// choice
public record TokenReport(
        int pictures,
        double loss,
        double codeLoss,
        double codeLossFrequent,
        double entropy,
        double correct,
        double correctNoisy) {}
