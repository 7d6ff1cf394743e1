// Whether any launch could pass now by a binding, and with a key, and until when if nothing is
// renewed: by what a launch asks before and after it opens an image. The rights of the admin.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/doctor/examined.h"

namespace sifguard {

struct Prospect {
  std::string name;        ///< of the binding or key
  bool passes = true;      ///< some launch could
  std::string why;         ///< a clause: why none passes, or what it is that ends
  std::int64_t until = 0;  ///< the first second from which none passes; 0: no end is known
  bool is_others = false;  ///< told by another check: an end that was wished, or a finding
};

struct Prospects {
  std::vector<Prospect> bindings;  ///< in the order of images.yaml
  std::vector<Prospect> keys;      ///< those whose private half is held, not destroyed
};

/// Nothing of what could not be read.
[[nodiscard]] Prospects find_prospects(const Examined& examined);

}  // namespace sifguard
