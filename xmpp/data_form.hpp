// Data forms (XEP-0004) as far as a room's owner needs them. Control thread; plain values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "xmpp/element.hpp"

namespace jmeet::xmpp {

class DataForm {
 public:
    // Of <x xmlns='jabber:x:data'/>; fields without a var are passed over.
    static DataForm parse(const Element& x);

    const std::string& type() const { return type_; }
    std::string form_type() const { return value("FORM_TYPE"); }
    bool has(const std::string& var) const { return fields_.contains(var); }
    // The first value, "" where the field is absent or empty.
    std::string value(const std::string& var) const;
    // Prosody writes 1, others true.
    bool flag(const std::string& var) const;
    const std::map<std::string, std::vector<std::string>>& fields() const { return fields_; }

    // A submission of these fields alone (with FORM_TYPE first): a full echo would reset what
    // somebody else has set meanwhile.
    static Element make_submit(const std::string& form_type,
                               const std::map<std::string, std::string>& fields);

 private:
    std::string type_;
    std::map<std::string, std::vector<std::string>> fields_;
};

}  // namespace jmeet::xmpp
