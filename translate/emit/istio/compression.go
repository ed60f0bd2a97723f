package istio

import (
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	brotliv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/compression/brotli/compressor/v3"
	gzipv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/compression/gzip/compressor/v3"
	compressorv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/compressor/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// compression compresses responses on every route.
func compression(e *emitter) {
	g := &e.edge.Global
	if c := g.Compression; c != nil {
		e.compress("gzip", 1, c, &gzipv3.Gzip{CompressionLevel: gzipv3.Gzip_CompressionLevel(c.Level)})
	}
	if c := g.Brotli; c != nil {
		e.compress("brotli", 2, c, &brotliv3.Brotli{Quality: wrapperspb.UInt32(uint32(c.Level))})
	}
}

// compress inserts one compressor. The list of types is written out, because Envoy's own differs.
func (e *emitter) compress(kind string, order int, c *model.Compression, library proto.Message) {
	if len(e.edge.Hosts) == 0 || e.withoutEnvoyFilter(c.Origin, "responses are not compressed") {
		return
	}
	e.filters.use(httpFilter{name: "i2g." + kind, object: objGzip, order: order, on: true, config: &compressorv3.Compressor{
		CompressorLibrary: &corev3.TypedExtensionConfig{Name: kind, TypedConfig: pack(library)},
		ChooseFirst:       kind == "brotli",
		ResponseDirectionConfig: &compressorv3.Compressor_ResponseDirectionConfig{CommonConfig: &compressorv3.Compressor_CommonDirectionConfig{
			MinContentLength: wrapperspb.UInt32(uint32(c.MinLength)),
			ContentType:      c.Types,
		}},
	}})
}
