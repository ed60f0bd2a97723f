package validate

import "testing"

func TestGateways(t *testing.T) {
	run(t, "Gateway i2g-http", map[string]specCase{
		"a plain server is accepted": {spec: `
selector: {istio: ingressgateway}
servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop/a.test, "*/*.b.test", "./*", "a.test", "10.0.0.1"]}]`},
		"a redirecting server is accepted": {spec: `
servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [a.test], tls: {httpsRedirect: true}}]`},
		"a server with a certificate is accepted": {spec: `
servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.test], tls: {mode: SIMPLE, credentialName: shop.cert, minProtocolVersion: TLSV1_2, cipherSuites: [AES128-SHA]}}]`},
		"optional client certificates with a CA of their own are accepted": {spec: `
servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.test], tls: {mode: OPTIONAL_MUTUAL, credentialName: "kubernetes-gateway://shop/cert", caCertCredentialName: ca}}]`},
		"passthrough is accepted": {spec: `
servers: [{port: {number: 443, name: tls, protocol: TLS}, hosts: [a.test], tls: {mode: PASSTHROUGH}}]`},
		"a TCP server is accepted": {spec: `
servers: [{port: {number: 9000, name: tcp-9000, protocol: TCP}, hosts: ["shop/*"]}]`},
		"no servers": {spec: `{}`, want: []string{"spec.servers: a Gateway needs a server"}},
		"a port name used twice": {spec: `
servers:
- {port: {number: 80, name: http, protocol: HTTP}, hosts: [a.test]}
- {port: {number: 8080, name: http, protocol: HTTP}, hosts: [a.test]}`,
			want: []string{`spec.servers[1].port.name: "http" is used twice in this Gateway`}},
		"hosts that are none": {spec: `
servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop, "a_b.test", "Ns!/a.test", "a.*.test", "/a.test", "*a.test"]}]`,
			want: []string{
				`spec.servers[0].hosts[0]: "shop": a short name is not allowed here`,
				`spec.servers[0].hosts[1]: "a_b.test": label "a_b" is not a DNS label`,
				`spec.servers[0].hosts[2]: "Ns!/a.test": "Ns!" is not a namespace`,
				`spec.servers[0].hosts[3]: "a.*.test": label "*" is not a DNS label`,
				`spec.servers[0].hosts[4]: "/a.test": "" is not a namespace`,
				`spec.servers[0].hosts[5]: "*a.test": only a whole label may be a wildcard`,
			}},
		"ports that are none": {spec: `
servers:
- {port: {number: 0, name: a, protocol: HTTP}, hosts: [a.test]}
- {port: {number: 70000, protocol: SPDY, targetPort: 80}, hosts: [a.test]}
- {hosts: []}`,
			want: []string{
				"spec.servers[0].port.number: 0 is not a port (1 to 65535)",
				`spec.servers[1].port.protocol: "SPDY" is none of HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, MONGO, TCP, TLS`,
				"spec.servers[1].port.number: 70000 is not a port (1 to 65535)",
				"spec.servers[1].port.name: is required",
				"spec.servers[1].port.targetPort: has no effect on a Gateway",
				"spec.servers[2].hosts: a server needs a host",
				"spec.servers[2].port: is required",
			}},
		"an address that is none": {spec: `
servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [a.test], bind: here}]`,
			want: []string{`spec.servers[0].bind: "here" is not an address`}},
		"HTTPS without TLS settings": {spec: `
servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.test]}]`,
			want: []string{"spec.servers[0].tls: is required for protocol HTTPS"}},
		"certificates on plain ports": {spec: `
servers:
- {port: {number: 80, name: http, protocol: HTTP}, hosts: [a.test], tls: {mode: SIMPLE, credentialName: c}}
- {port: {number: 81, name: tcp, protocol: TCP}, hosts: [a.test], tls: {mode: SIMPLE, credentialName: c}}`,
			want: []string{
				"spec.servers[0].tls: protocol HTTP takes only httpsRedirect",
				"spec.servers[1].tls: protocol TCP takes no TLS settings",
			}},
	})
}

func TestServerTLS(t *testing.T) {
	server := func(tls string) string {
		return `servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.test], tls: ` + tls + `}]`
	}
	const at = "spec.servers[0].tls"
	run(t, "Gateway i2g-cert", map[string]specCase{
		"files are accepted":          {spec: server(`{mode: SIMPLE, serverCertificate: /c, privateKey: /k}`)},
		"two certificates":            {spec: server(`{mode: SIMPLE, credentialNames: [rsa, ecdsa]}`)},
		"an issuer's name is refused": {spec: server(`{mode: SIMPLE, credentialName: Cert}`), want: []string{at + `.credentialName: "Cert" is not the name of a Secret`}},
		"a Secret's URI without a namespace": {spec: server(`{mode: SIMPLE, credentialName: "kubernetes-gateway://cert"}`),
			want: []string{at + `.credentialName: "kubernetes-gateway://cert": kubernetes-gateway:// takes namespace/name`}},
		"a Secret's URI of an unknown scheme": {spec: server(`{mode: SIMPLE, credentialName: "vault://cert"}`),
			want: []string{at + `.credentialName: "vault://cert": unknown scheme`}},
		"no certificate": {spec: server(`{mode: SIMPLE}`), want: []string{at + ": mode SIMPLE needs a certificate and a key"}},
		"two sources of certificates": {spec: server(`{mode: SIMPLE, credentialName: a, credentialNames: [b]}`),
			want: []string{at + ": only one of credentialName, credentialNames, serverCertificate with privateKey, and tlsCertificates"}},
		"too many certificates": {spec: server(`{mode: SIMPLE, credentialNames: [a, b, c]}`), want: []string{at + ".credentialNames: 3 entries, at most 2"}},
		"client certificates without a CA": {spec: server(`{mode: MUTUAL, serverCertificate: /c, privateKey: /k}`),
			want: []string{at + ".caCertificates: mode MUTUAL needs the CA of the clients"}},
		"a revocation list in the wrong place": {spec: server(`{mode: MUTUAL, credentialName: a, caCrl: /crl}`),
			want: []string{at + ".caCrl: belongs into the Secret when credentialName is given"}},
		"passthrough with a certificate":  {spec: server(`{mode: PASSTHROUGH, credentialName: a}`), want: []string{at + ".mode: PASSTHROUGH uses no certificates"}},
		"mesh certificates with a Secret": {spec: server(`{mode: ISTIO_MUTUAL, credentialName: a}`), want: []string{at + ".mode: ISTIO_MUTUAL takes no certificates"}},
		"cipher suites that are none": {spec: server(`{mode: SIMPLE, credentialName: a, cipherSuites: [HIGH, AES128-SHA, AES128-SHA]}`),
			want: []string{at + `.cipherSuites[0]: "HIGH" is not a cipher suite of the gateway`, at + ".cipherSuites[2]: AES128-SHA is given twice"}},
		"versions upside down": {spec: server(`{mode: SIMPLE, credentialName: a, minProtocolVersion: TLSV1_3, maxProtocolVersion: TLSV1_2}`),
			want: []string{at + ".minProtocolVersion: TLSV1_3 is above the maximum"}},
	})
}

func TestAGatewaysNameIsOneLabel(t *testing.T) {
	run(t, "Gateway i2g.http", map[string]specCase{
		"a dot is refused": {
			spec: `servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [a.test]}]`,
			want: []string{`metadata.name: "i2g.http": a Gateway's name is one DNS label (no dots, at most 63)`},
		},
	})
}
