// Names of images in tests.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "keystore/policy/image_name.h"

namespace sifguard::test {

inline ImageName name(const std::string& text) {
  return ImageName::of("/", text).value();
}

inline ImageNames named(const std::vector<std::string>& texts) {
  ImageNames names;
  for (const std::string& text : texts) names.known.push_back(name(text));
  return names;
}

}  // namespace sifguard::test
