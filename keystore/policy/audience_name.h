// Names of users, groups, accounts, partitions, … in bindings, keys' rules and the configuration.
// They are compared exactly with the names of Slurm and the name service, so a text that can never
// be such a name is refused: it would allow, deny or enforce nothing. Pure text.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// `dimension`: "users", "groups", "accounts", "partitions", "qos", "reservations" or "nodes".
/// Errors: Code::config, without the place of the name.
Status check_audience_name(std::string_view dimension, std::string_view name);

}  // namespace sifguard
