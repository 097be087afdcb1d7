package org.vortexel.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.HashMap;
import java.util.Map;
import org.vortexel.op.Tensor;

/// A GPT's tokens one after the other by ONNX Runtime: what it gives as the past of one run is given to the next.
final class OnnxDecoding implements Peer {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final Recorded work;
    private final int positions;
    private final int[] ids;
    private final Map<String, OnnxTensor> fixed = new HashMap<>();
    private final Map<String, OnnxTensor> empty = new HashMap<>();
    private final float[] logits;

    OnnxDecoding(Work asked, Recorded work, int threads) {
        this.work = work;
        positions = Decoding.positions(asked);
        ids = Decoding.tokens(asked);
        logits = new float[work.program().outputs().get("logits").size()];
        try {
            session = OnnxRuntime.session(environment, work, true, threads);
            for (String name : session.getInputNames()) {
                Tensor tensor = work.program().inputs().get(name);
                int[] sizes = tensor.shape().toArray();
                if (name.startsWith("cache.")) {
                    sizes[1] = 0;
                    empty.put(name, OnnxRuntime.floats(environment, new float[0], sizes));
                } else if (!name.equals("token") && !name.equals("at")) {
                    fixed.put(name, OnnxRuntime.floats(environment, work.inputs().get(name), sizes));
                }
            }
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
        run();
        try (Decoding ours = new Decoding(asked, work, 1)) {
            ours.run();
            Recorded.same("ONNX Runtime", "the last logits", ours.logits(), logits, 1e-3);
        }
    }

    @Override
    public void run() {
        int rows = work.program().inputs().get("token").size();
        try {
            OrtSession.Result last = null;
            for (int at = 0; at < positions; at++) {
                Map<String, OnnxTensor> inputs = new HashMap<>(fixed);
                for (String name : empty.keySet()) {
                    inputs.put(name, last == null ? empty.get(name) : (OnnxTensor)
                            last.get("out." + name).orElseThrow());
                }
                int[] token = new int[rows];
                java.util.Arrays.fill(token, ids[at]);
                OrtSession.Result next;
                try (OnnxTensor tokens = OnnxRuntime.ids(environment, token, rows, 1);
                        OnnxTensor place = OnnxRuntime.ids(environment, new int[] {at}, 1)) {
                    inputs.put("token", tokens);
                    inputs.put("at", place);
                    inputs.keySet().retainAll(session.getInputNames());
                    next = session.run(inputs);
                }
                if (last != null) {
                    last.close();
                }
                last = next;
                ((OnnxTensor) last.get("out.logits").orElseThrow()).getFloatBuffer().get(logits);
            }
            last.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        OnnxRuntime.close(session, fixed.values(), empty.values());
    }
}
