package istio

import (
	"strings"

	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	basicv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/basic_auth/v3"
	hmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

const (
	filterBasic = "i2g.basic"
	filterRealm = "i2g.realm"
)

// nobody is a password file with one user whom no password fits: the filter refuses an empty file.
const nobody = "-:{SHA}AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

// attachPassword asks for a user name and password, except from the addresses that skip lets pass. The filter's own challenge
// has no realm of the route, so that the header is rewritten.
func (e *emitter) attachPassword(x *entry, b *model.BasicAuth, skip *model.Access) {
	users := inline(passwordFile(b.Users))
	switch {
	case b.Service:
		e.attachAuthorizer(x, b, skip)
		x.patch.label("users-" + shortHash(b.Secret+"\x00"+b.Realm))
	case skip == nil:
		e.filters.use(httpFilter{name: filterBasic, object: objAccess, order: orderBasic, config: &basicv3.BasicAuth{Users: inline(nobody)}})
		x.patch.filter(filterBasic, &basicv3.BasicAuthPerRoute{Users: users})
		x.patch.need(filterBasic)
	default:
		e.attachChoice(x, skip, "basic", &basicv3.BasicAuth{Users: users})
	}
	// A name made from passwords would tell whoever reads VirtualServices whether a guess is right.
	if !b.Service {
		x.patch.belong()
	}
	e.filters.use(httpFilter{name: filterRealm, object: objAccess, order: orderRealm, config: e.schemeOfCredentials()})
	x.patch.filter(filterRealm, &hmv3.HeaderMutationPerRoute{Mutations: &hmv3.Mutations{ResponseMutations: []*mutationv3.HeaderMutation{{
		Action: &mutationv3.HeaderMutation_Append{Append: &corev3.HeaderValueOption{
			Header:       &corev3.HeaderValue{Key: "www-authenticate", Value: `Basic realm="` + escape(b.Realm) + `"`},
			AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS,
		}},
	}}}})
}

// schemeOfCredentials writes the scheme of the client's credentials as the filter behind wants it: nginx takes it in any case,
// and more than one space behind it. What is no such credential is left as it is.
func (e *emitter) schemeOfCredentials() *hmv3.HeaderMutation {
	if !e.can(26) {
		return &hmv3.HeaderMutation{}
	}
	return &hmv3.HeaderMutation{Mutations: &hmv3.Mutations{RequestMutations: []*mutationv3.HeaderMutation{
		setIfPresent("authorization", `%CEL(re.extract(request.headers['authorization'], '(?i)^basic +([^ ].*)$', 'Basic \\1'))%`),
	}}}
}

// passwordFile writes users in the form that the filter reads.
func passwordFile(users []model.User) string {
	if len(users) == 0 {
		return nobody
	}
	var b strings.Builder
	for _, u := range users {
		b.WriteString(u.Name + ":{SHA}" + u.SHA1 + "\n")
	}
	return b.String()
}

func inline(s string) *corev3.DataSource {
	return &corev3.DataSource{Specifier: &corev3.DataSource_InlineString{InlineString: s}}
}
