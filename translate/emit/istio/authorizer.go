package istio

import (
	"cmp"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// The authorizer checks user names and passwords for the gateway: a Service in its namespace, which deploy/basic-auth holds.
const (
	authorizerService = "basic-auth"
	authorizerPort    = 8080
	authorizerPath    = "/check"
	authorizerRoot    = "/etc/htpasswd" // below it a folder for each Secret

	filterUsers   = "i2g.users"
	metadataUsers = "users"       // of a route: whose passwords are asked for
	headerUsers   = "x-i2g-users" // by which the authorizer learns that
)

// userSource is a Secret with users, as the authorizer reads it.
type userSource struct {
	namespace, name string
	keyed           bool // a key for each user, instead of one file
	origin          model.Origin
}

// userSources are all of them.
type userSources map[userSource]bool

// keyed tells whether a Secret is read key by key anywhere.
func (u userSources) keyed(ref model.SecretRef) bool {
	for s := range u {
		if s.keyed && s.namespace == ref.Namespace && s.name == ref.Name {
			return true
		}
	}
	return false
}

// attachAuthorizer asks the authorizer about the requests of an entry, except from the addresses that skip lets pass. The
// filter is the same for all routes, so that a further Secret does not change the listener: the route says which users.
func (e *emitter) attachAuthorizer(x *entry, b *model.BasicAuth, skip *model.Access) {
	config := e.usersAuthz()
	if skip == nil {
		e.filters.use(httpFilter{name: filterUsers, object: objAccess, order: orderBasic, config: config})
		x.patch.filter(filterUsers, &extv3.ExtAuthzPerRoute{Override: &extv3.ExtAuthzPerRoute_CheckSettings{CheckSettings: &extv3.CheckSettings{}}})
		x.patch.need(filterUsers)
	} else {
		e.attachChoice(x, skip, "users", config)
	}
	ns, name, _ := strings.Cut(b.Secret, "/")
	form := "auth-file"
	if b.Map {
		form = "auth-map"
	}
	x.patch.metadata(metadataUsers, form+"/"+ns+"."+name)
	if e.access.users == nil {
		e.access.users = userSources{}
	}
	e.access.users[userSource{ns, name, b.Map, b.Origin}] = true
}

// usersAuthz is the filter that asks the authorizer. Of the request it shows the credentials alone. While there is no answer,
// or none about these users, the route answers 503.
func (e *emitter) usersAuthz() *extv3.ExtAuthz {
	host := e.fqdn(e.gatewayNamespace(), authorizerService)
	return &extv3.ExtAuthz{
		StatusOnError:  &typev3.HttpStatus{Code: typev3.StatusCode_ServiceUnavailable},
		AllowedHeaders: headerNames("authorization"),
		Services: &extv3.ExtAuthz_HttpService{HttpService: &extv3.HttpService{
			ServerUri: &corev3.HttpUri{
				Uri:              "http://" + host,
				HttpUpstreamType: &corev3.HttpUri_Cluster{Cluster: "outbound|" + itoa(authorizerPort) + "||" + host},
				Timeout:          durationpb.New(10 * time.Second),
			},
			PathOverride: authorizerPath,
			AuthorizationRequest: &extv3.AuthorizationRequest{HeadersToAdd: []*corev3.HeaderValue{
				{Key: headerUsers, Value: "%METADATA(ROUTE:" + metadataNamespace + ":" + metadataUsers + ")%"},
			}},
			AuthorizationResponse: &extv3.AuthorizationResponse{AllowedClientHeaders: headerNames("www-authenticate")},
		}},
	}
}

// usersForAuthorizer says which Secrets the authorizer needs, and copies them where Secrets are copied.
func usersForAuthorizer(e *emitter) {
	sources := slices.SortedFunc(maps.Keys(e.access.users), func(a, b userSource) int {
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name), compareOrigins(a.origin, b.origin))
	})
	written := map[model.SecretRef]bool{}
	for _, s := range sources {
		ref := model.SecretRef{Namespace: s.namespace, Name: s.name}
		secret := s.name
		if s.namespace != e.gatewayNamespace() {
			secret = e.names.claim("Secret", e.gatewayNamespace(), "htpasswd-"+s.namespace+"."+s.name, "users of "+s.namespace+"/"+s.name, maxName)
			if e.opts.TLS == emit.TLSCopy && !written[ref] {
				written[ref] = true
				e.copyUsers(ref, secret)
			}
		}
		e.findings.Report(finding.AuthorizerNeeded, s.origin, s.namespace+"/"+s.name, authorizerService+"."+e.gatewayNamespace(),
			secret, authorizerRoot+"/"+s.namespace+"."+s.name)
	}
}

// compareOrigins orders Ingresses that name the same Secret.
func compareOrigins(a, b model.Origin) int {
	return cmp.Or(cmp.Compare(a.Object.Ref(), b.Object.Ref()), cmp.Compare(a.Field, b.Field))
}

// copyUsers writes a Secret with users into the gateway's namespace.
func (e *emitter) copyUsers(ref model.SecretRef, name string) {
	src, o := e.secretOrigin(ref)
	if src == nil || src.Data == nil {
		return
	}
	data := manifest.Map{}
	for _, k := range slices.Sorted(maps.Keys(src.Data)) {
		if k != "auth" && !e.access.users.keyed(ref) {
			continue
		}
		data = append(data, manifest.Field{Key: k, Value: base64.StdEncoding.EncodeToString(src.Data[k])})
	}
	e.findings.Report(finding.SecretCopied, o, ref.Namespace+"/"+ref.Name, e.gatewayNamespace()+"/"+name)
	e.add(&manifest.Object{
		APIVersion: "v1", Kind: "Secret", Namespace: e.gatewayNamespace(), Name: name,
		Fields: manifest.Map{{Key: "type", Value: "Opaque"}, {Key: "data", Value: data}}, Secret: true, Origins: []model.Origin{o},
		Annotations: map[string]string{annotationOrigin: ref.Namespace + "/" + ref.Name},
	})
}
