// Alternative names and name constraints as an admin writes them. Any privilege; pure.
//
// An alternative name is dns:HOST, email:ADDRESS, uri:URI or ip:ADDRESS. A constraint names a
// subtree (RFC 5280 4.2.1.10): dns:example.org (it and what is below), email:example.org (every
// mailbox there), email:.example.org (of hosts below), uri:HOST, ip:ADDRESS/MASK, or
// subject:/O=Example (subjects that begin so).
#pragma once

#include <string>
#include <vector>

#include "keystore/x509/handles.h"

namespace sifguard {

using NameConstraints = Owned<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>;
using Name = Owned<X509_NAME, X509_NAME_free>;

/// A subject in either form of policy/subject_name.h, not empty. Errors: Code::usage.
[[nodiscard]] Result<Name> make_name(std::string_view subject);

/// Errors: Code::usage, which quotes the invalid name.
[[nodiscard]] Result<GeneralNames> make_general_names(const std::vector<std::string>& names);
/// Null when both are empty. Errors: Code::usage.
[[nodiscard]] Result<NameConstraints> make_constraints(const std::vector<std::string>& permitted,
                                                       const std::vector<std::string>& excluded);

/// Checks that it is http or https, printable, and without special characters of OpenSSL's
/// configuration syntax. Errors: Code::usage.
Status check_ca_url(std::string_view url);

}  // namespace sifguard
