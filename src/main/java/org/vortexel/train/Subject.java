package org.vortexel.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/// What is trained on what: the part of a [TrainConfig] that differs from one kind of model to another.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = DitSubject.class, name = "text-to-image"),
    @JsonSubTypes.Type(value = SsddSubject.class, name = "ssdd"),
    @JsonSubTypes.Type(value = KlSubject.class, name = "kl"),
    @JsonSubTypes.Type(value = VqSubject.class, name = "vq"),
    @JsonSubTypes.Type(value = ArSubject.class, name = "ar"),
    @JsonSubTypes.Type(value = RefinerSubject.class, name = "refiner"),
    @JsonSubTypes.Type(value = DualEncoderSubject.class, name = "dual-encoder")
})
public sealed interface Subject
        permits DitSubject, SsddSubject, KlSubject, VqSubject, ArSubject, RefinerSubject, DualEncoderSubject {}
