use ember::prelude::*;

#[operator(idempotent)]
async fn ask(question: String, mirror: String) -> usize {
    question.len() + mirror.len()
}

fn text(n: u32) -> Result<String, std::fmt::Error> {
    Ok(n.to_string())
}

graph! {
    pub async fn answer(n: u32) -> Result<usize, ember::Error> {
        #[hedge(after = "200ms")]
        let answer = ask(text(n)?, "one".to_owned()).await;
        Ok(answer)
    }

    pub async fn made_to_its_left(n: u32, question: String) -> Result<usize, ember::Error> {
        #[hedge(after = "200ms")]
        let answer = ask(question.clone(), text(n)?).await;
        Ok(answer)
    }
}

fn main() {}
