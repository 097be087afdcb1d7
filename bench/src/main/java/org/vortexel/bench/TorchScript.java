package org.vortexel.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.vortexel.op.Activation;
import org.vortexel.op.Arithmetic;
import org.vortexel.op.Attention;
import org.vortexel.op.Concat;
import org.vortexel.op.Conv2d;
import org.vortexel.op.Embedding;
import org.vortexel.op.Expand;
import org.vortexel.op.GatedResidual;
import org.vortexel.op.GroupNorm;
import org.vortexel.op.LayerNorm;
import org.vortexel.op.Linear;
import org.vortexel.op.MatMul;
import org.vortexel.op.Modulate;
import org.vortexel.op.Permute;
import org.vortexel.op.Reshape;
import org.vortexel.op.Scale;
import org.vortexel.op.Slice;
import org.vortexel.op.Softmax;
import org.vortexel.op.Split;
import org.vortexel.op.Sum;
import org.vortexel.op.Tensor;
import org.vortexel.op.Unary;
import org.vortexel.op.Upsample;
import org.vortexel.program.Node;
import org.vortexel.program.Program;

/// Writes a recorded program as a TorchScript file: one call of PyTorch for every op, in the same order, so that
/// PyTorch runs the same network, and its own gradients and optimiser can follow.
///
/// The one method takes lists of tensors, `x` (inputs in order, then constants) and `p` (parameters), and gives a list.
final class TorchScript {
    private final StringBuilder body = new StringBuilder();
    private final Map<Tensor, String> names = new IdentityHashMap<>();
    private int count;

    private TorchScript() {}

    /// A script that gives the outputs.
    static byte[] inference(Program program) {
        TorchScript script = new TorchScript();
        script.arguments(program, "x[%d]", "p[%d]");
        program.nodes().forEach(script::node);
        script.line("return " + script.list(program.outputs().values()));
        return script.archive("x: List[Tensor]" + (program.parameters().isEmpty() ? "" : ", p: List[Tensor]"));
    }

    /// A script that gives the output `y` and its gradients for the inputs and parameters, one after the other; what comes
    /// from above is the last of `x`.
    static byte[] gradients(Program program) {
        TorchScript script = new TorchScript();
        script.line("torch.set_grad_enabled(True)");
        script.arguments(
                program, "torch.requires_grad_(torch.detach(x[%d]), True)", "torch.requires_grad_(torch.detach(p[%d]), True)");
        List<String> leaves = new ArrayList<>();
        program.inputs().values().forEach(t -> leaves.add(script.names.get(t)));
        program.parameters().values().forEach(t -> leaves.add(script.names.get(t)));
        program.nodes().forEach(script::node);
        String y = script.names.get(program.outputs().get("y"));
        int above = program.inputs().size() + program.constants().size();
        script.line("above = annotate(List[Optional[Tensor]], [x[" + above + "]])");
        script.line("r = torch.grad([" + y + "], [" + String.join(", ", leaves) + "], above, None, False, False)");
        script.line("torch.set_grad_enabled(False)");
        for (int i = 0; i < leaves.size(); i++) {
            script.line("g" + i + " = unchecked_cast(Tensor, r[" + i + "])");
        }
        String all = String.join(", ", IntStream.range(0, leaves.size()).mapToObj(i -> "g" + i).toList());
        script.line("return [torch.detach(" + y + "), " + all + "]");
        return script.archive("x: List[Tensor], p: List[Tensor]");
    }

    /// A script of a whole step of training on the output `loss`: backward, clipping to norm 1, AdamW by PyTorch's fused
    /// kernel, and a moving average in one call over all parameters. Gives the loss and the norm.
    static byte[] training(Program program, double rate, double beta1, double beta2, double average) {
        TorchScript script = new TorchScript();
        script.line("torch.set_grad_enabled(True)");
        script.arguments(program, "x[%d]", "torch.requires_grad_(torch.detach(p[%d]), True)");
        List<String> leaves = new ArrayList<>();
        program.parameters().values().forEach(t -> leaves.add(script.names.get(t)));
        program.nodes().forEach(script::node);
        String loss = script.names.get(program.outputs().get("loss"));
        script.line("r = torch.grad([" + loss + "], [" + String.join(", ", leaves) + "], None, None, False, False)");
        script.line("torch.set_grad_enabled(False)");
        for (int i = 0; i < leaves.size(); i++) {
            script.line("g" + i + " = unchecked_cast(Tensor, r[" + i + "])");
        }
        script.line("g = [" + String.join(", ", IntStream.range(0, leaves.size()).mapToObj(i -> "g" + i).toList()) + "]");
        script.line("norms = torch.stack(torch._foreach_norm(g, 2))");
        script.line("norm = torch.linalg_vector_norm(norms, 2)");
        script.line("torch._foreach_mul_(g, torch.clamp_max(torch.reciprocal(torch.add(norm, 1e-06)), 1.0))");
        script.line("torch._foreach_add_(steps, 1)");
        script.line(String.format(
                Locale.ROOT,
                "torch._fused_adamw_(p, g, m, v, [], steps, lr=%s, beta1=%s, beta2=%s, weight_decay=0.0, eps=1e-08, "
                        + "amsgrad=False, maximize=False, grad_scale=None, found_inf=None)",
                number(rate), number(beta1), number(beta2)));
        script.line("torch._foreach_lerp_(a, p, " + number(1 - average) + ")");
        script.line("return [torch.detach(" + loss + "), norm]");
        return script.archive("x: List[Tensor], p: List[Tensor], m: List[Tensor], v: List[Tensor], a: List[Tensor], "
                + "steps: List[Tensor]");
    }

    private static String number(double x) {
        return Double.toString(x).replace('E', 'e');
    }

    private void arguments(Program program, String input, String parameter) {
        int at = 0;
        for (Tensor tensor : program.inputs().values()) {
            names.put(tensor, value(String.format(Locale.ROOT, input, at++)));
        }
        for (Tensor constant : program.constants().keySet()) {
            names.put(constant, value("x[" + at++ + "]"));
        }
        at = 0;
        for (Tensor tensor : program.parameters().values()) {
            names.put(tensor, value(String.format(Locale.ROOT, parameter, at++)));
        }
    }

    private void line(String text) {
        body.append("    ").append(text).append('\n');
    }

    private String value(String expression) {
        String name = "v" + count++;
        line(name + " = " + expression);
        return name;
    }

    private String list(java.util.Collection<Tensor> tensors) {
        return "[" + String.join(", ", tensors.stream().map(names::get).toList()) + "]";
    }

    private void node(Node node) {
        List<Tensor> in = node.inputs();
        String x = names.get(in.getFirst());
        String y = in.size() > 1 ? names.get(in.get(1)) : "None";
        String z = in.size() > 2 ? names.get(in.get(2)) : "None";
        Tensor out = node.outputs().getFirst();
        switch (node.op()) {
            case Linear _ -> set(out, "torch.linear(%s, %s, %s)", x, y, z);
            case MatMul op -> set(out, "torch.matmul(%s, %s)", turned(x, op.transposeA()), turned(y, op.transposeB()));
            case Activation op -> set(
                    out,
                    switch (op.kind()) {
                        case SILU -> "torch.silu(%s)";
                        case GELU -> "torch.gelu(%s)";
                        case GELU_TANH -> "torch.gelu(%s, approximate=\"tanh\")";
                        case RELU -> "torch.relu(%s)";
                        case SIGMOID -> "torch.sigmoid(%s)";
                        case TANH -> "torch.tanh(%s)";
                        case SOFTPLUS -> "torch.softplus(%s)";
                    },
                    x);
            case LayerNorm op -> set(
                    out, "torch.layer_norm(%s, [%s], %s, %s, %s)", x, in.getFirst().dim(-1), y, z, number(op.eps()));
            case GroupNorm op -> set(out, "torch.group_norm(%s, %s, %s, %s, %s)", x, op.groups(), y, z, number(op.eps()));
            case Modulate _ -> set(out, "torch.addcmul(%s, %s, torch.add(%s, 1))", y, x, z);
            case GatedResidual _ -> set(out, "torch.addcmul(%s, %s, %s)", x, y, z);
            case Attention op -> attention(op, in, out);
            case Arithmetic op -> set(
                    out,
                    switch (op.kind()) {
                        case ADD -> "torch.add(%s, %s)";
                        case SUB -> "torch.sub(%s, %s)";
                        case MUL -> "torch.mul(%s, %s)";
                        case DIV -> "torch.div(%s, %s)";
                    },
                    x,
                    y);
            case Scale op -> {
                String times = String.format(Locale.ROOT, "torch.mul(%s, %s)", x, number(op.factor()));
                set(out, op.offset() == 0 ? times : "torch.add(" + times + ", " + number(op.offset()) + ")");
            }
            case Unary op -> set(out, "torch.%s(%s)", op.kind().name().toLowerCase(Locale.ROOT), x);
            case Softmax _ -> set(out, "torch.softmax(%s, -1)", x);
            case Sum op -> {
                StringBuilder axes = new StringBuilder();
                for (int i = op.from(); i < op.to(); i++) {
                    axes.append(i == op.from() ? "" : ", ").append(i);
                }
                String sum = String.format(Locale.ROOT, "torch.sum(%s, [%s], True)", x, axes);
                set(out, op.factor() == 1 ? sum : "torch.mul(" + sum + ", " + number(op.factor()) + ")");
            }
            case Slice op -> set(out, "torch.slice(%s, %s, %s, %s, %s)", x, op.axis(), op.from(), op.to(), op.step());
            case Split op -> {
                int size = in.getFirst().dim(op.axis()) / op.parts();
                for (int i = 0; i < op.parts(); i++) {
                    set(node.outputs().get(i), "torch.slice(%s, %s, %s, %s, 1)", x, op.axis(), i * size, (i + 1) * size);
                }
            }
            case Concat op -> set(out, "torch.cat(%s, %s)", list(in), op.axis());
            case Permute op -> set(out, "torch.permute(%s, %s)", x, op.order());
            case Reshape op -> set(out, "torch.reshape(%s, %s)", x, Arrays.toString(op.to().toArray()));
            case Expand op -> set(out, "torch.expand(%s, %s)", x, Arrays.toString(op.to().toArray()));
            case Conv2d op when op.left() == op.right() && op.top() == op.bottom() -> set(
                    out, "torch.conv2d(%s, %s, %s, [%s, %s], [%s, %s], [1, 1], %s)",
                    x, y, z, op.stride(), op.stride(), op.top(), op.left(), op.groups());
            case Upsample op -> set(
                    out, "torch.upsample_nearest2d(%s, [%s, %s], None, None)", x, out.dim(2), out.dim(3));
            case Embedding _ -> set(out, "torch.embedding(%s, %s)", x, y);
            default -> throw new IllegalArgumentException("not exported: " + node.op().name());
        }
    }

    private void set(Tensor out, String call, Object... arguments) {
        names.put(out, value(arguments.length == 0 ? call : String.format(Locale.ROOT, call, arguments)));
    }

    private static String turned(String x, boolean transposed) {
        return transposed ? "torch.transpose(" + x + ", -2, -1)" : x;
    }

    private void attention(Attention op, List<Tensor> in, Tensor out) {
        int width = op.heads() * op.headWidth();
        String q = heads(op, in.get(0), 0, width);
        String k = heads(op, in.get(1), op.kOffset(), width);
        String v = heads(op, in.get(2), op.vOffset(), width);
        String mask = in.size() > 3 ? names.get(in.get(3)) : "None";
        String attended = value(String.format(
                Locale.ROOT,
                "torch.scaled_dot_product_attention(%s, %s, %s, %s, 0.0, %s, scale=%s)",
                q, k, v, mask, op.causal() ? "True" : "False", number(op.scale())));
        set(
                out,
                "torch.reshape(torch.transpose(%s, 1, 2), [%s, %s, %s])",
                attended, in.getFirst().dim(0), in.getFirst().dim(1), width);
    }

    private String heads(Attention op, Tensor x, int from, int width) {
        String part = x.dim(2) == width
                ? names.get(x)
                : value(String.format(Locale.ROOT, "torch.slice(%s, 2, %d, %d, 1)", names.get(x), from, from + width));
        return value(String.format(
                Locale.ROOT, "torch.transpose(torch.reshape(%s, [%d, %d, %d, %d]), 1, 2)",
                part, x.dim(0), x.dim(1), op.heads(), op.headWidth()));
    }

    /// The file: a zip of the code, of one object without fields, and of no constants.
    private byte[] archive(String parameters) {
        String code = "class Work(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
                + "  def forward(self: __torch__.Work,\n    " + parameters + ") -> List[Tensor]:\n" + body;
        // protocol 2: the class, made of no arguments, with the field "training" true
        byte[] object = join(
                new byte[] {(byte) 0x80, 2, 'c'}, "__torch__\nWork\n", new byte[] {')', (byte) 0x81, '}', '('},
                new byte[] {'X', 8, 0, 0, 0}, "training", new byte[] {(byte) 0x88, 'u', 'b', '.'});
        byte[] nothing = {(byte) 0x80, 2, ')', '.'};
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            entry(zip, "data.pkl", object);
            entry(zip, "code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
            entry(zip, "constants.pkl", nothing);
            entry(zip, "version", "10\n".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] join(Object... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Object part : parts) {
            all.writeBytes(part instanceof byte[] bytes ? bytes : part.toString().getBytes(StandardCharsets.UTF_8));
        }
        return all.toByteArray();
    }

    private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry("work/" + name);
        CRC32 sum = new CRC32();
        sum.update(content);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
