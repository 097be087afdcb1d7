/// Stand-ins for the few TornadoVM types that `org.vortexel.device.tornado` names, so that it compiles where TornadoVM
/// is not installed. Written from the public API (TornadoVM 5.2): names and signatures only, no behaviour.
///
/// They are on the compile path only, as the module of the real API, and never in a jar. With `-Ptornado` they are left
/// out and the same sources compile against the real ones: the test that these are true.
module tornado.api {
    exports uk.ac.manchester.tornado.api;
    exports uk.ac.manchester.tornado.api.common;
    exports uk.ac.manchester.tornado.api.enums;
    exports uk.ac.manchester.tornado.api.exceptions;
    exports uk.ac.manchester.tornado.api.runtime;
}
