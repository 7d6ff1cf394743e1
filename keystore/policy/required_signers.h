// Reads `signing_key:` of a binding: who must have signed. Pure. Internal to keystore/policy.
//
//   signing_key: {fingerprint: 1204…BA84}
//   signing_key: {public_key: spki:9f86…}
//   signing_key: {x509: {subject: /O=Example/CN=carol}}
//   signing_key: {x509: {san: email:c@example.org}}
//   signing_key: {any_of: [1204…BA84, spki:9f86…, {x509: {subject: …}}], legacy: true}
//   signing_key: {all_of: [1204…BA84, AAAA…1111], signatures: all}
#pragma once

#include "keystore/policy/policy.h"
#include "keystore/policy/yaml_view.h"

namespace sifguard {

/// Errors: Code::config at the value's place.
[[nodiscard]] Result<SignerRequirement> read_signing_key(const YamlView& view);

}  // namespace sifguard
