// What bindings, keys' rules and the configuration name whole, as Slurm and the name service do:
// users, groups, accounts, partitions, … They are compared as they are, so what can never be one is
// refused: it would allow, deny or enforce nothing. Pure text.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// `dimension`: "users", "groups", "accounts", "partitions", "qos", "reservations" or "nodes".
/// Errors: Code::config, without where it stands.
Status check_audience_name(std::string_view dimension, std::string_view name);

}  // namespace sifguard
