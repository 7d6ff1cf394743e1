// The dimensions of an audience, by the names that images.yaml has for them. Pure.
#pragma once

#include "keystore/policy/policy.h"

namespace sifguard {

/// Calls `each(name, values)` for all of them in their order; `values` is an optional list.
template <typename Each>
void for_each_dimension(const Audience& audience, const Each& each) {
  each("users", audience.users);
  each("groups", audience.groups);
  each("accounts", audience.accounts);
  each("partitions", audience.partitions);
  each("qos", audience.qos);
  each("reservations", audience.reservations);
  each("nodes", audience.nodes);
}

}  // namespace sifguard
