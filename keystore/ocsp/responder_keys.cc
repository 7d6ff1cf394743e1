// The keys of an OCSP responder. Runs as the owner of the keystore.
#include "keystore/ocsp/responder_keys.h"

#include "keystore/ca/authority_certificate.h"
#include "keystore/ca/responder.h"

namespace sifguard {

Result<std::vector<OcspAuthority>> load_responders(const Keystore& keystore, std::int64_t now) {
  SG_TRY(const auto states, responder_states(keystore, now));
  std::vector<OcspAuthority> all;
  for (const ResponderState& state : states) {
    if (!state.works) {
      return fail(Code::config,
                  "the " + state.authority + " CA has no responder whose certificate is good",
                  "start it with sifctl ca ocsp serve, which makes one");
    }
    OcspAuthority one;
    one.name = state.authority;
    SG_TRY(one.certificate, authority_certificate(keystore, state.authority));
    SG_TRY(one.responder, load_issuer(keystore, responder_name(state.authority)));
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace sifguard
