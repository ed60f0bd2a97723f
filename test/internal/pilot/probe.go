package pilot

import (
	"context"
	"fmt"
	"strings"
	"sync"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
)

// probe is a proxy that only listens: it tells which generation istiod hands out, before the real proxy is started. A
// proxy that connects later never sees anything older.
type probe struct {
	connection *grpc.ClientConn
	cancel     context.CancelFunc

	mu      sync.Mutex
	marks   string // of the latest clusters
	failure error
}

const clusterType = "type.googleapis.com/envoy.config.cluster.v3.Cluster"

func startProbe() (*probe, error) {
	connection, err := grpc.NewClient(fmt.Sprintf("%s:%d", address, plainPort), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	stream, err := discoveryv3.NewAggregatedDiscoveryServiceClient(connection).StreamAggregatedResources(ctx)
	if err == nil {
		var metadata *structpb.Struct
		if metadata, err = structpb.NewStruct(map[string]any{"NAMESPACE": cluster.GatewayNamespace, "CLUSTER_ID": "Kubernetes"}); err == nil {
			err = stream.Send(&discoveryv3.DiscoveryRequest{TypeUrl: clusterType, Node: &corev3.Node{
				Id:       fmt.Sprintf("router~10.0.0.2~probe.%s~%[1]s.svc.cluster.local", cluster.GatewayNamespace),
				Metadata: metadata,
			}})
		}
	}
	p := &probe{connection: connection, cancel: cancel}
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("probe: %w", err)
	}
	go p.listen(stream)
	return p, nil
}

func (p *probe) listen(stream discoveryv3.AggregatedDiscoveryService_StreamAggregatedResourcesClient) {
	for {
		response, err := stream.Recv()
		if err == nil {
			err = stream.Send(&discoveryv3.DiscoveryRequest{TypeUrl: clusterType, VersionInfo: response.VersionInfo, ResponseNonce: response.Nonce})
		}
		var marks strings.Builder
		for _, r := range response.GetResources() {
			var c clusterv3.Cluster
			if err == nil {
				err = r.UnmarshalTo(&c)
			}
			marks.WriteString(c.GetAltStatName() + "\n")
		}
		p.mu.Lock()
		p.marks, p.failure = marks.String(), err
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// sees tells whether the latest clusters bear the mark.
func (p *probe) sees(mark string) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Contains(p.marks, mark), p.failure
}

func (p *probe) stop() {
	p.cancel()
	_ = p.connection.Close() // nothing is lost
}
