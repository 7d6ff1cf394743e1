// A list as sifctl shows it: a table for people, and the same items as data. Pure except show().
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keystore/cli/session.h"

namespace sifguard {

class Listing {
 public:
  /// Adds one item: an object, and its cells in the table.
  void add(nlohmann::ordered_json object, std::vector<std::string> cells) {
    objects_.push_back(std::move(object));
    rows_.push_back(std::move(cells));
  }
  /// `kind` as in JsonAnswer::set().
  void show(const Session& session, std::string_view kind,
            const std::vector<std::string>& header) const {
    session.answer(kind, objects_);
    session.print_table(header, rows_);
  }

 private:
  nlohmann::ordered_json objects_ = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace sifguard
