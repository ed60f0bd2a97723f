package istio

import (
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	gzipv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/compression/gzip/compressor/v3"
	compressorv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/compressor/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// compression compresses responses on every route. The list of types is written out, because Envoy's own differs.
func compression(e *emitter) {
	c := e.edge.Global.Compression
	if c == nil || len(e.edge.Hosts) == 0 || e.withoutEnvoyFilter(c.Origin, "responses are not compressed") {
		return
	}
	gzip := &gzipv3.Gzip{CompressionLevel: gzipv3.Gzip_CompressionLevel(c.Level)}
	e.filters.use(httpFilter{name: "i2g.gzip", object: objGzip, on: true, config: &compressorv3.Compressor{
		CompressorLibrary: &corev3.TypedExtensionConfig{Name: "gzip", TypedConfig: pack(gzip)},
		ResponseDirectionConfig: &compressorv3.Compressor_ResponseDirectionConfig{CommonConfig: &compressorv3.Compressor_CommonDirectionConfig{
			MinContentLength: wrapperspb.UInt32(uint32(c.MinLength)),
			ContentType:      c.Types,
		}},
	}})
}
