package full

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

func TestObjectsAreCheckedAsAnAPIServerDoes(t *testing.T) {
	const vs = `{hosts: [a.test], gateways: [g], http: [{route: [{destination: {host: a.b}}]}]}`
	for name, tt := range map[string]struct {
		sample sample
		change func(*manifest.Object)
		want   []validate.Problem
	}{
		"a good object":      {sample: sample{"networking.istio.io/v1", "VirtualService", vs}},
		"a kind of nobody's": {sample: sample{"example.com/v1", "Thing", `{a: b}`}},
		"an unknown field": {
			sample: sample{"networking.istio.io/v1", "VirtualService", `{hosts: [a.test], http: [{mathc: []}]}`},
			want:   []validate.Problem{{Object: "VirtualService shop/sample", Field: "spec.http[0].mathc", Reason: "unknown field"}},
		},
		"a wrong type": {
			sample: sample{"networking.istio.io/v1", "VirtualService", `{hosts: a.test}`},
			want: []validate.Problem{{
				Object: "VirtualService shop/sample", Field: "spec.hosts",
				Reason: `Invalid value: "string": spec.hosts in body must be of type array: "string"`,
			}},
		},
		"a broken rule": {
			sample: sample{"networking.istio.io/v1", "VirtualService", `{hosts: [a.test], http: [{timeout: 0s, route: [{destination: {host: a.b}}]}]}`},
			want: []validate.Problem{{
				Object: "VirtualService shop/sample", Field: "spec.http[0].timeout", Reason: `Invalid value: "0s": must be a valid duration greater than 1ms`,
			}},
		},
		"a version that is not served": {
			sample: sample{"networking.istio.io/v2", "VirtualService", vs},
			want:   []validate.Problem{{Object: "VirtualService shop/sample", Field: "apiVersion", Reason: "v2 is not served"}},
		},
		"a kind that the group does not have": {
			sample: sample{"networking.istio.io/v1", "VirtualServices", vs},
			want:   []validate.Problem{{Object: "VirtualServices shop/sample", Field: "kind", Reason: "no such kind in networking.istio.io"}},
		},
		"a bad name": {
			sample: sample{"networking.istio.io/v1", "VirtualService", vs}, change: func(o *manifest.Object) { o.Name = "a_b" },
			want: []validate.Problem{{
				Object: "VirtualService shop/a_b", Field: "metadata.name",
				Reason: `Invalid value: "a_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
			}},
		},
		"no namespace": {
			sample: sample{"networking.istio.io/v1", "VirtualService", vs}, change: func(o *manifest.Object) { o.Namespace = "" },
			want: []validate.Problem{{Object: "VirtualService sample", Field: "metadata.namespace", Reason: "Required value"}},
		},
		"two ports of one name": {
			sample: sample{"networking.istio.io/v1", "ServiceEntry", `{hosts: [a.test], ports: [{number: 80, name: a}, {number: 81, name: a}]}`},
			want:   []validate.Problem{{Object: "ServiceEntry shop/sample", Field: "spec.ports[1]", Reason: `Duplicate value: {"name":"a"}`}},
		},
		"a log of errors": {sample: sample{"telemetry.istio.io/v1", "Telemetry", `{accessLogging: [{filter: {expression: "response.code >= 400"}}]}`}},
		"a log of nonsense": {
			sample: sample{"telemetry.istio.io/v1", "Telemetry", `{accessLogging: [{}, {filter: {expression: "a b"}}]}`},
			want: []validate.Problem{{
				Object: "Telemetry shop/sample", Field: "spec.accessLogging[1].filter.expression",
				Reason: "ERROR: <input>:1:3: Syntax error: extraneous input 'b' expecting <EOF>\n | a b\n | ..^",
			}},
		},
		"a policy that compiles": {sample: sample{"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", `
paramKind: {apiVersion: v1, kind: ConfigMap}
variables: [{name: hosts, expression: "has(object.spec.hosts) ? object.spec.hosts : []"}]
matchConditions: [{name: a, expression: "request.operation != 'DELETE'"}]
validations: [{expression: "variables.hosts.all(h, h.replace('*','_') in params.data)", messageExpression: "'no ' + object.metadata.name"}]`}},
		"a policy that does not": {
			sample: sample{"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", `{variables: [{name: a, expression: "1 +"}], validations: [{expression: "object.metadata.name == 'x'"}, {expression: "'x'"}]}`},
			want: []validate.Problem{
				{Object: "ValidatingAdmissionPolicy shop/sample", Field: "spec.variables[0].expression", Reason: "compilation failed: ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 +\n | ...^"},
				{Object: "ValidatingAdmissionPolicy shop/sample", Field: "spec.validations[1].expression", Reason: "must evaluate to bool but got string"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := tt.sample.object(t)
			if tt.change != nil {
				tt.change(o)
			}
			got, err := Full([]*manifest.Object{o})
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
