// The Slurm release that a plugin file is built for, as a text in it that `sifctl doctor` finds.
// Any context.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "spank_plugin/slurm_api.h"

namespace sifguard {

inline constexpr std::string_view kSlurmMark = "sifguard-plugin-slurm=";
using SlurmMark = std::array<char, kSlurmMark.size() + sizeof "24.11">;

/// "sifguard-plugin-slurm=24.11", of the number that slurm.h has (0x180b05).
constexpr SlurmMark slurm_mark(unsigned long number) {
  SlurmMark mark{};
  std::size_t at = 0;
  for (const char c : kSlurmMark) mark[at++] = c;
  const unsigned long year = number >> 16U & 0xFFU;
  const unsigned long month = number >> 8U & 0xFFU;
  for (const char c : {static_cast<char>('0' + year / 10), static_cast<char>('0' + year % 10), '.',
                       static_cast<char>('0' + month / 10), static_cast<char>('0' + month % 10)}) {
    mark[at++] = c;
  }
  return mark;
}

}  // namespace sifguard
