package httpd

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// origin is the address that a request comes from: the peer's, or, where that is a proxy that is trusted, the one that it names. Each
// proxy adds the address that it was asked from at the end of X-Forwarded-For, so what stands before the first that is not trusted may
// be anybody's invention.
func (s *Server) origin(r *http.Request) string {
	at := remoteAddress(r)
	if !s.trusts(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(at); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = hop.Unmap().String()
	}
	return at
}

// trusts tells whether an address is a proxy's whose word counts.
func (s *Server) trusts(address string) bool {
	if len(s.options.TrustedProxies) == 0 {
		return false
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	a = a.Unmap().WithZone("")
	for _, p := range s.options.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// overTLS tells whether the client's own connection is by TLS, which ends at the proxy.
func (s *Server) overTLS(r *http.Request) bool {
	return r.Header.Get("X-Forwarded-Proto") == "https" && s.trusts(remoteAddress(r))
}

func remoteAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// neighbourhood is what one client can choose its addresses from: an address, or a network of IPv6.
func neighbourhood(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}
