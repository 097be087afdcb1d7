package org.vortexel.codec.vq;

import java.util.HashMap;
import java.util.Map;
import org.vortexel.codec.LatentCodec;
import org.vortexel.codec.TiledPlayer;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A [VqModel] at work on a device: pictures to ids and back, and, as any codec, to latents and
/// back. A latent is the codes themselves, of length 1 where the tokenizer compares directions.
///
/// Pictures above 512 pixels a side are worked on in tiles; their latents are then mixtures of
/// codes where tiles overlap, so that [#ids] does without tiles.
public final class VqCodec implements LatentCodec {
    /// Stands for no code in [#pictures], which then decodes zeros there: of a picture that is not
    /// finished.
    public static final int NO_CODE = -1;

    private static final int TILE = 512;
    private static final int OVERLAP = 64;

    private final VqModel model;
    private final Device device;
    private final NdArray codes;
    private final TiledPlayer encoder;
    private final TiledPlayer decoder;
    private final Map<Shape, Player> tokenizers = new HashMap<>();

    /// A codec. The device stays open when the codec is closed.
    public VqCodec(VqModel model, Device device) {
        this.model = model;
        this.device = device;
        VqTokenizer net = model.network();
        int f = compression();
        encoder = new TiledPlayer(
                device,
                model.weights(),
                TILE,
                OVERLAP,
                1,
                f,
                (Tensor x) -> net.encode(x).latent());
        decoder = new TiledPlayer(device, model.weights(), TILE / f, OVERLAP / f, f, 1, net::decode);
        codes = codes(model, device);
    }

    private static NdArray codes(VqModel model, Device device) {
        Recorder recorder = new Recorder();
        Tensor any = recorder.input("any", Shape.of(1));
        recorder.output("codes", model.network().quantizer().codes(any));
        Weights table = new Weights();
        String name = model.network().quantizer().table().name();
        table.put(name, model.weights().get(name));
        try (Player player = device.load(recorder.program(), table)) {
            player.run();
            return player.get("codes");
        }
    }

    /// What is at work.
    public VqModel model() {
        return model;
    }

    /// The codes as they are compared and decoded, (K, d).
    public NdArray codes() {
        return codes;
    }

    @Override
    public int compression() {
        return model.config().network().compression();
    }

    @Override
    public int latentChannels() {
        return model.config().network().codeWidth();
    }

    /// The ids of pictures, picture after picture, each in raster order.
    ///
    /// @param pictures (N, 3, H, W) in [-1, 1], H and W multiples of [#compression()]
    public int[] ids(NdArray pictures) {
        checkPictures(pictures.shape());
        Player player = tokenizers.computeIfAbsent(pictures.shape(), this::tokenizer);
        player.set("x", pictures).run();
        float[] found = player.get("ids").data();
        int[] ids = new int[found.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) found[i];
        }
        return ids;
    }

    private Player tokenizer(Shape shape) {
        Recorder recorder = new Recorder();
        recorder.output(
                "ids", model.network().encode(recorder.input("x", shape)).ids());
        return device.load(recorder.program(), model.weights());
    }

    /// The pictures of ids, within [-1, 1].
    ///
    /// @param ids of one picture after the other, or [#NO_CODE]
    /// @param height tokens of a column
    /// @param width tokens of a row
    /// @return (N, 3, f height, f width)
    /// @throws IllegalArgumentException when an id is no code
    public NdArray pictures(int[] ids, int height, int width) {
        int d = latentChannels();
        int places = height * width;
        NdArray latents = NdArray.zeros(Shape.of(ids.length / places, d, height, width));
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] == NO_CODE) {
                continue;
            }
            if (ids[i] < 0 || ids[i] >= codes.shape().dim(0)) {
                throw new IllegalArgumentException("there are " + codes.shape().dim(0) + " codes but got id " + ids[i]);
            }
            for (int j = 0; j < d; j++) {
                latents.data()[(i / places * d + j) * places + i % places] = codes.data()[ids[i] * d + j];
            }
        }
        return decode(latents, 0);
    }

    @Override
    public NdArray encode(NdArray pictures) {
        checkPictures(pictures.shape());
        return encoder.run(pictures);
    }

    @Override
    public NdArray decode(NdArray latents, long... seeds) {
        checkLatents(latents.shape());
        return LatentCodec.clamped(decoder.run(latents));
    }

    @Override
    public void close() {
        encoder.close();
        decoder.close();
        tokenizers.values().forEach(Player::close);
        tokenizers.clear();
    }
}
