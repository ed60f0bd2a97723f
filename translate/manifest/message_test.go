package manifest

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	luav3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/lua/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	istionet "istio.io/api/networking/v1alpha3"
)

func pack(t *testing.T, m proto.Message) *anypb.Any {
	t.Helper()
	a, err := anypb.New(m)
	require.NoError(t, err)
	return a
}

func virtualService() *istionet.VirtualService {
	return &istionet.VirtualService{
		Hosts:    []string{"a.test"},
		Gateways: []string{"istio-system/gw"},
		Http: []*istionet.HTTPRoute{{
			Name: "i2g/default",
			Match: []*istionet.HTTPMatchRequest{{
				Uri:     &istionet.StringMatch{MatchType: &istionet.StringMatch_Prefix{Prefix: ""}},
				Headers: map[string]*istionet.StringMatch{"b": {}, "a": {MatchType: &istionet.StringMatch_Regex{Regex: "x"}}},
			}},
			Route:      []*istionet.HTTPRouteDestination{{Destination: &istionet.Destination{Host: "web.shop.svc.cluster.local", Port: &istionet.PortSelector{Number: 80}}}},
			Timeout:    durationpb.New(0),
			Retries:    &istionet.HTTPRetry{Attempts: 3, PerTryTimeout: durationpb.New(1500 * time.Millisecond), RetryRemoteLocalities: wrapperspb.Bool(false)},
			CorsPolicy: &istionet.CorsPolicy{},
			Mirror:     &istionet.Destination{},
		}},
	}
}

func TestMessagesAreWrittenInTheOrderOfDeclaration(t *testing.T) {
	got, err := YAML(virtualService())
	require.NoError(t, err)
	want := `hosts:
- a.test
gateways:
- istio-system/gw
http:
- name: i2g/default
  match:
  - uri:
      prefix: ""
    headers:
      a:
        regex: x
      b: {}
  route:
  - destination:
      host: web.shop.svc.cluster.local
      port:
        number: 80
  timeout: 0s
  retries:
    attempts: 3
    perTryTimeout: 1.500s
    retryRemoteLocalities: false
  mirror: {}
  corsPolicy: {}
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSixtyFourBitsAreIntegersForIstioAndStringsForEnvoy(t *testing.T) {
	hash := &istionet.LoadBalancerSettings_ConsistentHashLB_RingHash{MinimumRingSize: 1 << 40}
	got, err := YAML(Map{{"istio", hash}, {"envoy", wrapperspb.UInt64(1 << 40)}, {"signed", wrapperspb.Int64(-1)}})
	require.NoError(t, err)
	if diff := cmp.Diff("istio:\n  minimumRingSize: 1099511627776\nenvoy: \"1099511627776\"\nsigned: \"-1\"\n", string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func envoyRoute(t *testing.T) *routev3.Route {
	s, err := structpb.NewStruct(map[string]any{"b": 1.5, "a": []any{nil, true, "x", map[string]any{}}, "port": 8080})
	require.NoError(t, err)
	return &routev3.Route{
		Name: "r",
		TypedPerFilterConfig: map[string]*anypb.Any{
			"z": pack(t, &luav3.LuaPerRoute{Override: &luav3.LuaPerRoute_Disabled{Disabled: true}}),
			"a": pack(t, &routev3.FilterConfig{Config: pack(t, &emptypb.Empty{}), Disabled: true}),
			"s": pack(t, s), "d": pack(t, durationpb.New(time.Second)),
		},
		Metadata: &corev3.Metadata{FilterMetadata: map[string]*structpb.Struct{"m": s}},
		Action: &routev3.Route_Route{Route: &routev3.RouteAction{
			ClusterSpecifier: &routev3.RouteAction_Cluster{Cluster: "c"}, ClusterNotFoundResponseCode: routev3.RouteAction_NOT_FOUND,
			Timeout: durationpb.New(time.Nanosecond), MaxGrpcTimeout: durationpb.New(-1100 * time.Microsecond),
			HashPolicy: []*routev3.RouteAction_HashPolicy{{PolicySpecifier: &routev3.RouteAction_HashPolicy_Header_{Header: &routev3.RouteAction_HashPolicy_Header{HeaderName: "x"}}}},
		}},
	}
}

func TestMessagesMeanWhatProtobufsJSONMeans(t *testing.T) {
	number := structpb.NewNumberValue
	for name, m := range map[string]proto.Message{
		"an Istio route":                     virtualService(),
		"an Envoy route with packed filters": envoyRoute(t),
		"an Envoy connection manager": &hcmv3.HttpConnectionManager{
			CodecType: hcmv3.HttpConnectionManager_HTTP2, AddUserAgent: wrapperspb.Bool(false), StatPrefix: "p",
			HttpFilters: []*hcmv3.HttpFilter{{Name: "lua", Disabled: true, ConfigType: &hcmv3.HttpFilter_TypedConfig{TypedConfig: pack(t, &luav3.Lua{InlineCode: "a\nb\n"})}}},
		},
		"bytes":                         &corev3.DataSource{Specifier: &corev3.DataSource_InlineBytes{InlineBytes: []byte{0xff, 0}}},
		"empty":                         &emptypb.Empty{},
		"an empty value of a wrapper":   wrapperspb.String(""),
		"a float":                       wrapperspb.Float(0.1),
		"a float without a number":      wrapperspb.Double(math.Inf(-1)),
		"no number":                     wrapperspb.Float(float32(math.NaN())),
		"infinity":                      wrapperspb.Double(math.Inf(1)),
		"a time":                        timestamppb.New(time.Date(2026, 11, 23, 1, 2, 3, 40_000, time.UTC)),
		"a time on the second":          timestamppb.New(time.Date(1, 1, 2, 3, 4, 5, 0, time.UTC)),
		"a mask":                        &fieldmaskpb.FieldMask{Paths: []string{"a_b.c", "d"}},
		"a list":                        &structpb.ListValue{Values: []*structpb.Value{number(1), structpb.NewNullValue()}},
		"nothing packed":                &anypb.Any{},
		"an unknown number of an enum":  &istionet.ServerTLSSettings{Mode: 99},
		"a negative duration of months": durationpb.New(-2_000_000_000 * time.Millisecond),
	} {
		for _, protoNames := range []bool{false, true} {
			ref, err := protojson.MarshalOptions{UseProtoNames: protoNames}.Marshal(m)
			require.NoError(t, err)
			tree, err := FromMessage(m, MessageOptions{ProtoNames: protoNames, Int64Strings: true})
			require.NoError(t, err)
			got, err := JSON(tree)
			require.NoError(t, err)
			var want, have any
			require.NoError(t, json.Unmarshal(ref, &want))
			require.NoError(t, json.Unmarshal(got, &have))
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("%s (-protojson +ours):\n%s", name, diff)
			}
			readBack(t, tree)
		}
	}
}

func TestAMessageIsWrittenAsItsTree(t *testing.T) {
	for _, m := range []proto.Message{
		virtualService(), envoyRoute(t), &istionet.VirtualService{}, &emptypb.Empty{}, wrapperspb.String("a\nb"), fourKilobytes(1).Spec.(proto.Message),
		&istionet.Gateway{Selector: map[string]string{"a": "b"}, Servers: []*istionet.Server{{}, {Name: "x\ny", Port: &istionet.Port{}}}},
		&istionet.EnvoyFilter{ConfigPatches: []*istionet.EnvoyFilter_EnvoyConfigObjectPatch{{Patch: &istionet.EnvoyFilter_Patch{Value: &structpb.Struct{}}}, {}}},
	} {
		tree, err := FromMessage(m, OptionsFor(m))
		require.NoError(t, err)
		for _, wrap := range []func(any) any{
			func(v any) any { return v },
			func(v any) any { return Map{{"a", []any{v, Map{{"b", v}}}}} },
		} {
			want, err := YAML(wrap(tree))
			require.NoError(t, err)
			got, err := YAML(wrap(m))
			require.NoError(t, err)
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (-tree +message):\n%s", m.ProtoReflect().Descriptor().FullName(), diff)
			}
		}
	}
}

func TestTheModeOfTLSIsWrittenThoughItIsZero(t *testing.T) {
	spec := &istionet.Gateway{Servers: []*istionet.Server{{Tls: &istionet.ServerTLSSettings{}}}}
	for name, v := range map[string]any{"of a message": spec, "of a packed message": Pack(spec)} {
		t.Run(name, func(t *testing.T) {
			got, err := YAML(v)
			require.NoError(t, err)
			if diff := cmp.Diff("servers:\n- tls:\n    mode: PASSTHROUGH\n", string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestEnvoyMessagesInATreeAreWrittenWithProtoNamesAndTypes(t *testing.T) {
	o := &Object{
		APIVersion: "networking.istio.io/v1alpha3", Kind: "EnvoyFilter", Namespace: "istio-system", Name: "x",
		Labels: map[string]string{"b": "1", "a": "2"}, Annotations: map[string]string{"n": "v"},
		Spec: Map{{"configPatches", []any{Map{{"patch", Map{{"value", envoyRoute(t)}}}}}}},
	}
	var b strings.Builder
	require.NoError(t, WriteYAML(&b, o, &Object{APIVersion: "v1", Kind: "Namespace", Name: "n"}))
	want := `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: x
  namespace: istio-system
  labels:
    a: "2"
    b: "1"
  annotations:
    "n": v
spec:
  configPatches:
  - patch:
      value:
        name: r
        route:
          cluster: c
          cluster_not_found_response_code: NOT_FOUND
          timeout: 0.000000001s
          hash_policy:
          - header:
              header_name: x
          max_grpc_timeout: -0.001100s
        metadata:
          filter_metadata:
            m:
              a:
              - null
              - true
              - x
              - {}
              b: 1.5
              port: 8080
        typed_per_filter_config:
          a:
            "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig
            config:
              "@type": type.googleapis.com/google.protobuf.Empty
            disabled: true
          d:
            "@type": type.googleapis.com/google.protobuf.Duration
            value: 1s
          s:
            "@type": type.googleapis.com/google.protobuf.Struct
            value:
              a:
              - null
              - true
              - x
              - {}
              b: 1.5
              port: 8080
          z:
            "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute
            disabled: true
---
apiVersion: v1
kind: Namespace
metadata:
  name: "n"
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPackedMessageOfAnUnknownTypeIsAnError(t *testing.T) {
	for _, a := range []*anypb.Any{
		{TypeUrl: "type.googleapis.com/not.Linked", Value: []byte("x")},
		{TypeUrl: "type.googleapis.com/google.protobuf.Duration", Value: []byte{0xff}},
	} {
		o := &Object{APIVersion: "v1", Kind: "K", Name: "n", Spec: Map{{"a", a}}}
		_, err := o.Build()
		require.ErrorContains(t, err, "writing K n: ")
		require.Error(t, WriteYAML(&strings.Builder{}, o))
		require.Error(t, WriteJSON(&strings.Builder{}, o))
		require.Error(t, WriteKYAML(&strings.Builder{}, o))
		spec, _ := o.Tree().Get("spec")
		packed, _ := spec.(Map).Get("a")
		if url, _ := packed.(Map).Get("@type"); url != a.GetTypeUrl() {
			t.Errorf("type %v", url)
		}
	}
}

func TestObjectsAreWrittenAsOneJSONList(t *testing.T) {
	var b strings.Builder
	require.NoError(t, WriteJSON(&b, &Object{APIVersion: "v1", Kind: "Namespace", Name: "n<"}, &Object{APIVersion: "v1", Kind: "Secret", Name: "s", Fields: Map{{"data", Map{}}, {"x", []string{}}}}))
	want := `{
    "apiVersion": "v1",
    "items": [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": "n<"
            }
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": "s"
            },
            "data": {},
            "x": []
        }
    ],
    "kind": "List",
    "metadata": {
        "resourceVersion": ""
    }
}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.Reset()
	require.NoError(t, WriteJSON(&b))
	var list map[string]any
	require.NoError(t, json.Unmarshal([]byte(b.String()), &list))
	if diff := cmp.Diff([]any{}, list["items"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNamesAreWrittenAsKubectlDoes(t *testing.T) {
	var b strings.Builder
	require.NoError(t, WriteNames(&b, &Object{APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: "a", Name: "b"}, &Object{APIVersion: "v1", Kind: "Secret", Name: "s"}))
	if diff := cmp.Diff("virtualservice.networking.istio.io/b\nsecret/s\n", b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnstructuredHoldsOnlyWhatJSONDecodingGives(t *testing.T) {
	type named string
	o := &Object{APIVersion: "v1", Kind: "K", Namespace: "ns", Name: "n", Labels: map[string]string{"a": "b"}, Spec: Map{
		{"i", 1}, {"u", uint32(2)}, {"big", uint64(math.MaxUint64)}, {"f", 1.5}, {"whole", 3.0}, {"s", []string{"x"}}, {"n", named("y")}, {"m", map[string]int{"k": 1}},
		{"nil", (*istionet.Gateway)(nil)}, {"list", []Map{{{"a", true}}}},
	}}
	u := Unstructured(o)
	want := map[string]any{
		"apiVersion": "v1", "kind": "K", "metadata": map[string]any{"name": "n", "namespace": "ns", "labels": map[string]any{"a": "b"}},
		"spec": map[string]any{
			"i": int64(1), "u": int64(2), "big": float64(math.MaxUint64), "f": 1.5, "whole": int64(3), "s": []any{"x"}, "n": "y", "m": map[string]any{"k": int64(1)},
			"nil": nil, "list": []any{map[string]any{"a": true}},
		},
	}
	if diff := cmp.Diff(want, u.Object); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if u.DeepCopy().GetName() != "n" {
		t.Error("the copy has no name")
	}
}

func TestMapKeepsItsOrder(t *testing.T) {
	m := Map{}.Set("b", 1).Set("a", 2).Set("b", 3)
	if diff := cmp.Diff(Map{{"b", 3}, {"a", 2}}, m); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if v, ok := m.Get("c"); ok || v != nil {
		t.Errorf("c is %v", v)
	}
}
