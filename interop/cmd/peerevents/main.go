// Command peerevents subscribes to admin_peerEvents of a node on this machine by geth's own client of JSON-RPC, over a
// WebSocket or a Unix socket, and prints each event as it came, after it has been read as geth's type and nothing of it
// was left over. On SIGINT or SIGTERM it unsubscribes.
//
// It prints one JSON object a line: {"subscribed":true}, {"event":…}, {"unsubscribed":true}.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/rpc"
)

// maxWaiting bounds the events that were not printed yet.
const maxWaiting = 1024

func main() {
	if len(os.Args) != 2 {
		fail("usage: peerevents ws://127.0.0.1:PORT|SOCKET")
	}
	if err := run(os.Args[1]); err != nil {
		fail(err.Error())
	}
}

func run(endpoint string) error {
	if err := checkLocal(endpoint); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client, err := rpc.DialContext(ctx, endpoint)
	if err != nil {
		return err
	}
	defer client.Close()
	events := make(chan json.RawMessage, maxWaiting)
	subscription, err := client.Subscribe(ctx, "admin", events, "peerEvents")
	if err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	fmt.Println(`{"subscribed":true}`)
	for {
		select {
		case event := <-events:
			if err := checkShape(event); err != nil {
				return err
			}
			fmt.Printf("{\"event\":%s}\n", event)
		case err := <-subscription.Err():
			return fmt.Errorf("the subscription has ended: %v", err)
		case <-stop:
			subscription.Unsubscribe()
			fmt.Println(`{"unsubscribed":true}`)
			return nil
		}
	}
}

// checkLocal lets nothing through that is not on this machine.
func checkLocal(endpoint string) error {
	if !strings.Contains(endpoint, "://") {
		return nil
	}
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return err
	}
	address, err := netip.ParseAddr(parsed.Hostname())
	if err != nil || !address.IsLoopback() {
		return fmt.Errorf("%s is not an address of loopback", parsed.Hostname())
	}
	return nil
}

// checkShape reads an event as geth's type, which must take all of it.
func checkShape(text json.RawMessage) error {
	var event p2p.PeerEvent
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&event); err != nil {
		return fmt.Errorf("not an event of geth's: %s: %v", text, err)
	}
	return nil
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "peerevents:", message)
	os.Exit(1)
}
