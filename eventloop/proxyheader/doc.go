// Package proxyheader reads what a proxy or load balancer says of a client before it passes
// on what the client sends: the header of the PROXY protocol, versions 1 and 2
// (https://www.haproxy.org/download/3.4/doc/proxy-protocol.txt). It finds where a header ends
// in bytes that come in pieces; github.com/pires/go-proxyproto reads it.
package proxyheader
