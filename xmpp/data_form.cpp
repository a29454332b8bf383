#include "xmpp/data_form.hpp"

#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {

DataForm DataForm::parse(const Element& x) {
    DataForm form;
    form.type_ = x.get("type");
    for (const Element* field : x.children_named("field", ns::kDataForms)) {
        const auto var = field->attribute("var");
        if (!var) continue;
        std::vector<std::string> values;
        for (const Element* value : field->children_named("value", ns::kDataForms)) {
            values.push_back(value->text());
        }
        form.fields_[*var] = std::move(values);
    }
    return form;
}

std::string DataForm::value(const std::string& var) const {
    const auto found = fields_.find(var);
    return found == fields_.end() || found->second.empty() ? std::string{} : found->second.front();
}

bool DataForm::flag(const std::string& var) const {
    const std::string text = value(var);
    return text == "1" || text == "true";
}

Element DataForm::make_submit(const std::string& form_type,
                              const std::map<std::string, std::string>& fields) {
    Element x("x", ns::kDataForms);
    x.set("type", "submit");
    auto& type = x.add("field");
    type.set("var", "FORM_TYPE");
    type.add("value").set_text(form_type);
    for (const auto& [var, value] : fields) {
        auto& field = x.add("field");
        field.set("var", var);
        field.add("value").set_text(value);
    }
    return x;
}

}  // namespace jmeet::xmpp
