package ownership

import "github.com/ingress2gw/ingress2gw/translate/manifest"

// certificates guards DestinationRules: the gateway presents the client certificate that one names to whatever is behind the
// Service. Copies of Secrets are named after their namespace; a namespace has no dot, so that the prefix is exact, and forms
// with a scheme are refused. A rule for selected workloads never reaches the gateway.
func (o Options) certificates() policy {
	allowed := lines(
		`(!has(t.credentialName) || t.credentialName == "" || t.credentialName.startsWith(variables.prefix)`,
		`|| has(params.data) && ("`+secretPrefix+`" + t.credentialName) in params.data`,
		`&& params.data["`+secretPrefix+`" + t.credentialName].split(",").exists(n, n == request.namespace))`,
	)
	const noFile = `(!has(t.clientCertificate) || t.clientCertificate == "") && (!has(t.privateKey) || t.privateKey == "")`
	return policy{
		name: certificatesPolicy, group: "networking.istio.io", resource: "destinationrules", withHosts: true,
		condition: named{"reaches-the-gateway", `!has(object.spec.workloadSelector) && (` + visible + `)`},
		variables: []named{
			{"prefix", `request.namespace + "."`},
			{"policies", lines(
				`(has(object.spec.trafficPolicy) ? [dyn(object.spec.trafficPolicy)] : [])`,
				`+ (has(object.spec.subsets) ? object.spec.subsets.filter(s, has(s.trafficPolicy)).map(s, dyn(s.trafficPolicy)) : [])`,
			)},
			{"ports", `variables.policies.filter(p, has(p.portLevelSettings)).map(p, p.portLevelSettings)`},
		},
		rules: []rule{
			{
				`variables.policies.filter(p, has(p.tls)).map(p, p.tls).all(t, ` + allowed + `) && variables.ports.all(p, p.filter(l, has(l.tls)).map(l, l.tls).all(t, ` + allowed + `))`,
				`credentialName must begin with the namespace and a dot: other Secrets of the gateway belong to others`, ``,
			},
			{
				`variables.policies.filter(p, has(p.tls)).map(p, p.tls).all(t, ` + noFile + `) && variables.ports.all(p, p.filter(l, has(l.tls)).map(l, l.tls).all(t, ` + noFile + `))`,
				`clientCertificate and privateKey name files of the gateway, which belong to the platform; for sidecars set workloadSelector or exportTo: ["."]`, ``,
			},
		},
	}
}

// services guards ExternalName Services: istiod takes one for another name of the Service that it points to, so that a route
// to it reaches a foreign Service after all (seen on istiod 1.31 and Envoy 1.40). What was there before stays.
func (o Options) services() policy {
	return policy{
		name: servicesPolicy, resource: "services",
		exempt: []any{manifest.Map{
			{Key: "key", Value: LabelForeignServices}, {Key: "operator", Value: "NotIn"}, {Key: "values", Value: []string{"allowed"}},
		}},
		condition: named{"names-another-service", lines(
			`has(object.spec.externalName) && object.spec.externalName != ""`,
			`&& !(oldObject != null && has(oldObject.spec.externalName) && oldObject.spec.externalName == object.spec.externalName)`,
		)},
		variables: []named{{"name", `object.spec.externalName.lowerAscii().replace(".DOMAIN.", ".DOMAIN")`}},
		rules: []rule{{
			lines(
				`!variables.name.endsWith(".svc.DOMAIN") && !variables.name.contains(".i2g.internal")`,
				`|| variables.name.endsWith("." + request.namespace + ".svc.DOMAIN")`,
			),
			`an ExternalName Service names no Service of another namespace, because routes would reach it; the platform can allow it with the label ` + LabelForeignServices + `=allowed on the namespace`, ``,
		}},
	}
}
