// Whether one image can have the signatures that several bindings require together. Pure.
#pragma once

#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

/// Why no image can: a binding with `signatures: all` refuses every signature that another one
/// would count ("'a' requires signatures of F, 'b' those of G, and nobody else"); empty if some
/// image may, or if all of them only warn. A certificate may name the key of any raw signature, so
/// what it names is taken for the same as any other but an OpenPGP key. Not escaped.
[[nodiscard]] std::string contradicting_signers(const std::vector<const Binding*>& bindings);

}  // namespace sifguard
