// Receives callbacks and trusts only signed ones. Start: AUTH_TOKEN=… go run receiver.go
package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"sort"
	"sync"
)

const limit = 64 * 1024

var (
	authToken = os.Getenv("AUTH_TOKEN")
	base      = os.Getenv("PUBLIC_URL")
	// Processed callbacks. Store yours in your database, in the same transaction as the work.
	seen sync.Map
)

// HMAC-SHA1 of the URL as called, followed by the form's names and values, sorted by name.
func isGenuine(called string, form url.Values, signature string) bool {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	sort.Strings(names)
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(called))
	for _, name := range names {
		mac.Write([]byte(name + form.Get(name)))
	}
	given, err := base64.StdEncoding.DecodeString(signature)
	return err == nil && hmac.Equal(given, mac.Sum(nil))
}

func receive(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "expected a form", http.StatusBadRequest)
		return
	}
	// With GET the parameters are in the URL, and only the URL is signed.
	if !isGenuine(base+r.RequestURI, r.PostForm, r.Header.Get("X-Twilio-Signature")) {
		fmt.Println("refused: wrong signature")
		http.Error(w, "wrong signature", http.StatusForbidden)
		return
	}

	parameters := r.PostForm
	if r.Method == http.MethodGet {
		parameters = r.URL.Query()
	}
	if _, done := seen.LoadOrStore(r.Header.Get("I-Twilio-Idempotency-Token"), true); !done {
		fmt.Println(parameters.Get("Status"), parameters.Get("ESimProfileSid"))
	}
	w.WriteHeader(http.StatusNoContent)
}

func main() {
	if authToken == "" {
		log.Fatal("Set AUTH_TOKEN to the auth token of the account")
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	if base == "" {
		base = "http://" + listener.Addr().String()
	}
	fmt.Printf("listening; CallbackUrl: %s/status\n", base)
	log.Fatal(http.Serve(listener, http.HandlerFunc(receive)))
}
